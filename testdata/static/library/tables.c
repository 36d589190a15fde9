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
