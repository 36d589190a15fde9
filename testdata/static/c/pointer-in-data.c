// finds: acct swapoff vhangup
// builds: O0 O2 nopie static relr
// Function pointers in structures in .data, one behind another pointer, one in a packed structure.
#include "raw.h"
static void first(void) { raw(SYS_acct); }
static void second(void) { raw(SYS_swapoff); }
static void third(void) { raw(SYS_vhangup); }
struct inner { int kind; void (*run)(void); };
struct outer { const char *name; struct inner *inner; };
struct __attribute__((packed)) tight { char tag; void (*run)(void); };
static struct inner inner = {1, first};
static struct outer outer = {"x", &inner};
static struct tight tight = {'x', third};
static struct outer *volatile way = &outer;
static void (*volatile plain)(void) = second;
int main(void) {
  way->inner->run();
  plain();
  tight.run();
  return 0;
}
