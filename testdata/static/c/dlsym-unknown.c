// finds or gap: acct
// builds: O2-rdynamic
// A function that dlsym finds by a name from the command line.
#define _GNU_SOURCE
#include <dlfcn.h>
#include "raw.h"
__attribute__((used, visibility("default"))) void hidden_by_name(void) { raw(SYS_acct); }
int main(int argc, char **argv) {
  void (*found)(void) = argc > 1 ? (void (*)(void))dlsym(RTLD_DEFAULT, argv[1]) : 0;
  if (found) found();
  return 0;
}
