// finds: acct swapoff vhangup pivot_root umount2 quotactl
// builds: O0 O2 nopie static
// A jump table, with cases that run into the next one: a block is a target though something falls into it.
#include "raw.h"
int main(int argc, char **argv) {
  long number = SYS_acct;
  volatile int *sink = (volatile int *)(void *)argv;
  switch (argc) {
  case 1: number = SYS_swapoff; *sink = 1; break;
  case 2: number = SYS_vhangup; *sink = 2; __attribute__((fallthrough));
  case 3: *sink = 3; raw(number); break;
  case 4: number = SYS_pivot_root; *sink = 4; break;
  case 5: number = SYS_umount2; *sink = 5; break;
  case 6: number = SYS_quotactl; *sink = 6; break;
  case 7: *sink = 7; break;
  default: return 0;
  }
  return raw(number) == 0;
}
