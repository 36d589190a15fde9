// finds: acct swapoff
// builds: O0 O2 nopie static
// table[i - 1]: the address in the code lies before the table, in another object or section.
#include "raw.h"
static void first(void) { raw(SYS_acct); }
static void second(void) { raw(SYS_swapoff); }
static void (*const table[])(void) = {first, second, first, second};
int main(int argc, char **argv) {
  (void)argv;
  table[argc - 1]();
  table[(argc & 3) ^ 1]();
  return 0;
}
