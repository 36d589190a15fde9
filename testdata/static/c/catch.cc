// finds: acct swapoff
// absent: kexec_load
// A syscall only in a catch block, and one in the destructor that unwinding runs. Only the LSDA leads there.
#include "raw.h"
struct Guard {
  ~Guard() { raw(SYS_swapoff); }
};
__attribute__((noinline)) static void fails(int n) {
  Guard guard;
  if (n > 0) throw n;
}
__attribute__((noinline, used)) static void unused() { raw(SYS_kexec_load); }
int main(int argc, char **) {
  try {
    fails(argc);
  } catch (int) {
    raw(SYS_acct);
  }
  return 0;
}
