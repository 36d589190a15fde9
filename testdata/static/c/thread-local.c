// finds or gap: acct
// The number comes from a thread-local variable.
#include "raw.h"
static __thread int number = SYS_acct;
int main(int argc, char **argv) {
  (void)argv;
  if (argc > 5) number = 1;
  return raw(number) == 0;
}
