// finds: acct swapoff swapon vhangup sethostname setdomainname reboot chroot
// absent: umount2 pivot_root
// builds: shared
// A C library, going by its names, whose functions for random numbers do other things too when a call is not there: only
// what follows from getrandom not being there is left out.
#include "raw.h"
#define MISSING (-38)
void __libc_early_init(void) {}

/* Another call may be missing. */
int arc4random(void) {
  long result = raw(SYS_getrandom);
  if (result < 0) result = raw(SYS_acct);
  return result == MISSING ? raw(SYS_swapoff) : 0;
}

/* Another error, and every other error. */
__attribute__((noinline)) static long part(void) {
  long result = raw(SYS_getrandom);
  if (result == MISSING + 1) return raw(SYS_swapon);
  if (result == MISSING) return raw(SYS_umount2);
  return raw(SYS_vhangup);
}

/* Called in between, something else says that a call is missing. */
long call(void);
__attribute__((noinline)) static long elsewhere(void) {
  raw(SYS_getrandom);
  return call() == MISSING ? raw(SYS_chroot) : 0;
}
long arc4random_buf(void) { return part() + elsewhere(); }

/* The number may come from elsewhere, and a part that others call is not known to be of these functions. */
__attribute__((noinline)) static long shared(void) {
  long result = raw(SYS_getrandom);
  return result == MISSING ? raw(SYS_setdomainname) : result;
}
long arc4random_uniform(long number) {
  if (number > 0) number = raw(SYS_getrandom);
  if (number == MISSING) return raw(SYS_sethostname);
  return raw(SYS_getrandom) == MISSING ? raw(SYS_pivot_root) : shared();
}
long other(void) {
  if (raw(SYS_getrandom) == MISSING) raw(SYS_reboot);
  return shared() + 1;
}
