// finds: acct swapoff vhangup
// The same through libc's syscall(), from a table of 64-bit numbers.
#include <sys/syscall.h>
#include <unistd.h>
static const long numbers[] = {SYS_acct, SYS_swapoff, SYS_vhangup};
int main(int argc, char **argv) {
  (void)argv;
  return syscall(numbers[argc % 3], 0, 0) == 0;
}
