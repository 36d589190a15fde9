// finds: acct swapoff
// absent: kexec_load
// The number lives across calls, in a saved register or on the stack.
#include <stdio.h>
#include "raw.h"
int main(int argc, char **argv) {
  long number = argc > 1 ? SYS_acct : SYS_swapoff;
  puts(argv[0]);
  puts(argv[0]);
  return raw(number) == 0;
}
