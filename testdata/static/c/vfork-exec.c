// finds: vfork execve wait4
// builds: O0 O2 static
#define _GNU_SOURCE
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
  pid_t child = vfork();
  if (child == 0) {
    execl("/bin/true", "true", (char *)0);
    _exit(1);
  }
  return waitpid(child, 0, 0) < 0;
}
