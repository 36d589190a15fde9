// finds: acct
// builds: shared
// A constructor that is exported: its entry in the start array is filled by symbol, not by address.
#include "raw.h"
__attribute__((constructor)) void exported_constructor(void) { raw(SYS_acct); }
