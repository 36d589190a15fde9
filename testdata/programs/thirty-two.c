/* Built with -m32: sockets go through socketcall on older C libraries, sizes and times through 64-bit variants. */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  struct stat info;
  struct timespec now;
  stat("/", &info);
  clock_gettime(CLOCK_MONOTONIC, &now);
  close(socket(AF_UNIX, SOCK_STREAM, 0));
  printf("%ld\n", (long)getppid());
  return 0;
}
