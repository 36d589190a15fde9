/* Built with -m32 -static: a 32-bit program. */
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  getpid();
  syscall(SYS_getppid);
  return write(1, "32\n", 3) == 3 ? 0 : 1;
}
