// finds: acct swapoff
// builds: O0 O2 nopie static
// The same in constant data, where code mentions only an aligned element in the middle of a table.
#include "raw.h"
static void first(void) { raw(SYS_acct); }
static void second(void) { raw(SYS_swapoff); }
static void nothing(void) {}
static void (*const table[12])(void) = {first, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, second};
int main(int argc, char **argv) {
  (void)argv;
  void (*const *middle)(void) = &table[8];
  middle[argc - 9]();
  middle[argc + 2]();
  return 0;
}
