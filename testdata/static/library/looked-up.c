// finds: acct swapoff
// The object is looked up by name in a library that is opened.
#include <dlfcn.h>
struct table { void (*run[4])(void); };
int main(int argc, char **argv) {
  const struct table *found = dlsym(dlopen("libtables.so", RTLD_NOW), argc > 1 ? argv[1] : "table");
  found->run[argc & 3]();
  return 0;
}
