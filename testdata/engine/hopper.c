/* Is another process every few microseconds: forks and ends, for at most so many seconds. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 5);
  setsid();
  while (time(NULL) < end) {
    if (fork() > 0) _exit(0);
  }
}
