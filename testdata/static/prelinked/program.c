// A program of the library beside it; see there.
#include "../c/raw.h"

__asm__(".section .interp,\"a\"\n.asciz \"/library\"\n.text\n");

extern long called(void), jumped(void), taken(void), pointed(void), wrapper(long), run(long (*)(void));
long (*volatile pointer)(void) = pointed;

long main_part(int count) {
  called();
  wrapper(SYS_sync);
  run(taken);
  if (count > 3) return pointer();
  return jumped();
}
void _start(void) {
  main_part((int)raw(SYS_getuid));
  for (;;);
}
