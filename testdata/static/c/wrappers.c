// finds: acct swapoff
// absent: kexec_load
// The number goes through three functions, in registers and over the stack.
#include "raw.h"
__attribute__((noinline)) static long innermost(int a, int b, int c, int d, int e, int f, long number) {
  return raw(number) + a + b + c + d + e + f;
}
__attribute__((noinline)) static long middle(long number, int a) { return innermost(a, a, a, a, a, a, number); }
__attribute__((noinline)) static long outer(int a, long number) { return middle(number, a); }
__attribute__((noinline, used)) static long unused(void) { return outer(1, SYS_kexec_load); }
int main(int argc, char **argv) {
  (void)argv;
  return (int)(outer(argc, SYS_acct) + outer(argc, SYS_swapoff));
}
