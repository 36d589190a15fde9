// finds: acct swapoff vhangup
// builds: O0 O2 static nopie
// Constructor, destructor and a function handed to atexit.
#include <stdlib.h>
#include "raw.h"
__attribute__((constructor)) static void first(void) { raw(SYS_acct); }
__attribute__((destructor)) static void last(void) { raw(SYS_swapoff); }
static void at_exit(void) { raw(SYS_vhangup); }
int main(void) { return atexit(at_exit); }
