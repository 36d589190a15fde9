// finds: acct
// builds: O0-rdynamic O2-rdynamic
// A function that only dlsym finds, by a constant name.
#define _GNU_SOURCE
#include <dlfcn.h>
#include "raw.h"
__attribute__((used, visibility("default"))) void hidden_by_name(void) { raw(SYS_acct); }
int main(void) {
  void (*found)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "hidden_by_name");
  if (found) found();
  return 0;
}
