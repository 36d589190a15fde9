// finds: acct swapoff
// builds: O0 O2 static nopie
// An indirect function: the resolver picks one of two at start.
#include "raw.h"
static int first(void) { return (int)raw(SYS_acct); }
static int second(void) { return (int)raw(SYS_swapoff); }
static void *resolve(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") ? (void *)first : (void *)second;
}
int chosen(void) __attribute__((ifunc("resolve")));
int main(void) { return chosen(); }
