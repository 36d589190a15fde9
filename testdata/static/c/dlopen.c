// finds: signalfd4
// builds: O0 O2
// A library that is opened by a constant name, passed on by a wrapper: libaudit or libcap would do as well as libm.
#include <dlfcn.h>
#include <sys/signalfd.h>
__attribute__((noinline)) static void *open_library(const char *name, int flags) { return dlopen(name, flags); }
int main(void) {
  sigset_t none;
  sigemptyset(&none);
  void *library = open_library("libm.so.6", RTLD_NOW);
  return library == 0 || signalfd(-1, &none, 0) < 0;
}
