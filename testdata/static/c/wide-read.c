// finds: acct swapoff vhangup sethostname
// One instruction reads two pointers, or more, at once.
#include "raw.h"
static void first(void) { raw(SYS_acct); }
static void second(void) { raw(SYS_swapoff); }
static void third(void) { raw(SYS_vhangup); }
static void fourth(void) { raw(SYS_sethostname); }
struct two { void (*run[2])(void); };
static const struct two vector __attribute__((aligned(16))) = {{first, second}};
static const struct two pair __attribute__((aligned(16))) = {{third, fourth}};
int main(int count, char **arguments) {
  struct two a, b;
#if defined(__x86_64__)
  __asm__("movaps %1, %%xmm0; movups %%xmm0, %0" : "=m"(a) : "m"(vector) : "xmm0");
  __asm__("movdqu %1, %%xmm0; movups %%xmm0, %0" : "=m"(b) : "m"(pair) : "xmm0");
#else
  __asm__("adrp x9, %1; ldr q0, [x9, #:lo12:%1]; str q0, %0" : "=m"(a) : "S"(&vector) : "x9", "v0");
  __asm__("adrp x9, %2; add x9, x9, #:lo12:%2; ldp x10, x11, [x9]; str x10, %0; str x11, %1"
          : "=m"(b.run[0]), "=m"(b.run[1])
          : "S"(&pair)
          : "x9", "x10", "x11");
#endif
  (count > 1 ? a : b).run[count & 1]();
  return arguments == 0;
}
