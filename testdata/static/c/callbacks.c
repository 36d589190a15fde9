// finds: acct swapoff
// builds: O0 O2 static nopie
// A signal handler and a comparison function: only the C library calls them.
#include <signal.h>
#include <stdlib.h>
#include "raw.h"
static void handler(int signal) { raw(SYS_acct + 0 * signal); }
static int compare(const void *a, const void *b) {
  raw(SYS_swapoff);
  return *(const int *)a - *(const int *)b;
}
int main(int argc, char **argv) {
  (void)argv;
  int numbers[] = {3, argc, 2};
  signal(SIGUSR1, handler);
  qsort(numbers, 3, sizeof numbers[0], compare);
  return numbers[0];
}
