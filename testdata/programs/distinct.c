/* Makes one call, NUMBER, every few milliseconds with arguments of -1, or TIMES times and ends. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  long number = argc > 1 ? atol(argv[1]) : 0;
  long times = argc > 2 ? atol(argv[2]) : -1;
  struct timespec pause = {0, 5000000};
  while (times != 0) {
    syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
    nanosleep(&pause, NULL);
    if (times > 0) times--;
  }
  return 0;
}
