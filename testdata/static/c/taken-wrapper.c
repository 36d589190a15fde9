// finds or gap: acct
// A wrapper whose address is in a table: nobody knows with which number it is called.
#include "raw.h"
static long wrapper(long number) { return raw(number); }
static long (*volatile table[2])(long) = {wrapper, 0};
int main(int argc, char **argv) {
  (void)argv;
  return table[argc - 1](SYS_acct) == 0;
}
