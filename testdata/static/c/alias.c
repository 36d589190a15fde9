// finds or gap: acct
// A store through a pointer that may point to the variable.
#include "raw.h"
__attribute__((noinline)) static int *pick(int *a, int *b, int n) { return n > 1 ? a : b; }
int main(int argc, char **argv) {
  (void)argv;
  volatile int number = SYS_getpid;
  int other = 0;
  *pick((int *)&number, &other, argc) = SYS_acct;
  return raw(number) == other;
}
