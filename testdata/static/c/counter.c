// finds or gap: acct settimeofday mount
// A number that is counted up.
#include "raw.h"
int main(int argc, char **argv) {
  (void)argv;
  for (volatile int n = SYS_acct; n < SYS_acct + argc; n++) raw(n);
  return 0;
}
