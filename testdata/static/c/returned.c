// finds or gap: acct swapoff
// The number is what a function returns.
#include "raw.h"
__attribute__((noinline)) static long which(int n) { return n > 1 ? SYS_acct : SYS_swapoff; }
int main(int argc, char **argv) {
  (void)argv;
  return raw(which(argc)) == 0;
}
