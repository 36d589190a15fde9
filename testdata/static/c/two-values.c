// finds: acct swapoff
// absent: kexec_load
// syscall() with a variable that has one of two values.
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv) {
  (void)argv;
  long number = argc > 1 ? SYS_acct : SYS_swapoff;
  return syscall(number, 0) == 0;
}
