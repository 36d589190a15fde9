// A library with a table of functions in its constant data, and functions that do and do not use it.
#include <unistd.h>
#include "../c/raw.h"
static void first(void) { raw(SYS_acct); }
static void second(void) { raw(SYS_swapoff); }
struct table { void (*run[4])(void); };
const struct table table = {{first, second, first, second}};
static const struct table own = {{second, first, second, first}};
int plain(int n) { return n + 1; }
void by_index(int i) { own.run[i - 1](); }
static volatile struct { long number; void (*run[3])(void); long count; } kept __attribute__((aligned(32))) = {7, {first, second, first}, 1};
int counted(int n) { return n + kept.number + kept.count++; }
void walked(int n) { ((void (**)(void))&kept.number)[n](); }
#if defined(__x86_64__)
void straddled(void **to) {
  __asm__ volatile("movups %1, %%xmm0; movups %%xmm0, (%0)" : : "r"(to), "m"(kept.number) : "xmm0", "memory");
}
#else
void straddled(void **to) { for (int i = 0; i < 2; i++) to[i] = ((void **)&kept)[i]; }
#endif
void *exchanged(void *other) {
  void *old = 0;
  __atomic_compare_exchange_n((void **)&kept.run[0], &old, other, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return old;
}
