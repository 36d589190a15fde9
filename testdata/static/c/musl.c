// finds: acct tee swapoff
// finds or gap anywhere: setuid
// builds: musl musl-static
// musl: its own cancellation points, setxid and syscall().
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv) {
  (void)argv;

  tee(0, 1, 1, 0);
  if (setuid(0) == 0) swapoff("/nonexistent");
  return syscall(SYS_acct, 0) == 0;
}
