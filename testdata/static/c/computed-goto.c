// finds: acct swapoff vhangup
// builds: O0 O2 nopie static
// Computed gotos over tables of labels, as addresses and as differences.
#include "raw.h"
int main(int argc, char **argv) {
  (void)argv;
  static const void *const labels[] = {&&a, &&b, &&c};
  static const int distances[] = {&&a - &&a, &&b - &&a, &&c - &&a};
  long number = SYS_getpid;
  if (argc > 3) goto *(&&a + distances[argc % 3]);
  goto *labels[argc % 3];
a:
  number = SYS_acct;
  goto end;
b:
  number = SYS_swapoff;
  goto end;
c:
  number = SYS_vhangup;
end:
  return raw(number) == 0;
}
