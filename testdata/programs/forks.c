/* A child, a grandchild that outlives it, and a vfork that executes another program. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  int done[2];
  char byte;
  if (pipe(done) != 0) return 1;
  pid_t child = fork();
  if (child == 0) {
    if (fork() == 0) {
      getppid();
      close(done[0]);
      write(done[1], "x", 1);
      _exit(0);
    }
    _exit(0);
  }
  waitpid(child, NULL, 0);
  close(done[1]);
  read(done[0], &byte, 1);
  pid_t other = vfork();
  if (other == 0) {
    execl("/bin/true", "true", (char *)NULL);
    _exit(127);
  }
  waitpid(other, NULL, 0);
  return 0;
}
