// A library at a fixed address that nothing links with its program, as klibc has it: the program's header names it as
// interpreter, the kernel loads both, and the program's code has the addresses that the library is made for.
#include "../c/raw.h"

#define NAMED(name, number) \
  __attribute__((noinline)) long name(void) { return raw(number); }
NAMED(called, SYS_getppid)
NAMED(jumped, SYS_getpgrp)
NAMED(taken, SYS_setsid)
NAMED(pointed, SYS_getpgid)
NAMED(unused, SYS_getsid)
__attribute__((noinline)) long wrapper(long number) { return raw(number); }
__attribute__((noinline)) long run(long (*function)(void)) { return function() + 1; }
void _start(void) {
  raw(SYS_exit_group);
  for (;;);
}
