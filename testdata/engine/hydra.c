/* A tree of processes of a given depth, each of which replaces a child that dies; for at most so many seconds. */
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int depth = argc > 1 ? atoi(argv[1]) : 5, children = 0;
  time_t end = time(NULL) + (argc > 2 ? atoi(argv[2]) : 5);
  alarm((unsigned)(end - time(NULL)));
  for (;;) {
    if (depth == 0) pause();
    pid_t pid = children < 2 ? fork() : 1;
    if (pid == 0) {
      depth--;
      children = 0;
      alarm(end > time(NULL) ? (unsigned)(end - time(NULL)) : 1);
    } else if (children < 2) children += pid > 0;
    else if (wait(NULL) > 0) children--;
  }
}
