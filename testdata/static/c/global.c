// finds or gap: acct swapoff vhangup
// builds: O0 O2 static
// The number comes from writable variables: set directly, through a pointer to a structure, and never.
#include "raw.h"
static int direct = SYS_acct;
static struct { long before[4]; int number; } record = {{0}, SYS_getpid};
__attribute__((noinline)) static void set(int *where) { *where = SYS_vhangup; }
int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) direct = SYS_swapoff;
  if (argc > 2) set(&record.number);
  raw(record.number);
  return raw(direct) == 0;
}
