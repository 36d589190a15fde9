// finds or gap: acct swapoff
// The number is written by another function through a pointer to it.
#include "raw.h"
__attribute__((noinline)) static void choose(int *number, int n) { *number = n > 1 ? SYS_acct : SYS_swapoff; }
int main(int argc, char **argv) {
  (void)argv;
  int number = SYS_getpid;
  choose(&number, argc);
  return raw(number) == 0;
}
