/* For each of some calls: one use that must work, and one that need not. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void must(const char *what, long result) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
}

static long child(unsigned long flags) {
  long pid = syscall(SYS_clone, flags, 0, 0, 0, 0);
  if (pid == 0) syscall(SYS_exit_group, 0);
  if (pid > 0) waitpid((pid_t)pid, 0, 0);
  return pid;
}

int main(void) {
  struct termios terminal;
  int count, ends[2];
  must("pipe", pipe(ends));
  void *page = mmap(0, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  must("socket", socket(AF_INET, SOCK_STREAM, 0));
  socket(AF_UNIX, SOCK_DGRAM, 0);
  must("clone", child(SIGCHLD));
  child(CLONE_VFORK | SIGCHLD);
  must("prctl", prctl(PR_SET_NAME, "uses", 0, 0, 0));
  prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
  must("ioctl", ioctl(ends[0], FIONREAD, &count));
  ioctl(ends[0], TCGETS, &terminal);
  must("mprotect", mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC));
  mprotect(page, 4096, PROT_WRITE);
  must("openat", openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY));
  openat(AT_FDCWD, "/dev/null", O_WRONLY);
  return 0;
}
