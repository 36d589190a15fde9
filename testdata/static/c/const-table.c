// finds: acct swapoff vhangup
// builds: O0 O2 static nopie
// The number comes from a table of constants with an index that nobody knows.
#include "raw.h"
static const int numbers[] = {SYS_acct, SYS_swapoff, SYS_vhangup};
int main(int argc, char **argv) {
  (void)argv;
  return raw(numbers[argc % 3]) == 0;
}
