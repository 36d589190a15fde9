/* notify-floor COMMAND…: runs a command whose every system call is answered through seccomp user notification by a
   supervisor that does nothing else: the least that any recorder of this kind can cost on a kernel.
   Used by bench/overhead.js. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

static void run(char **command) {
  struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)};
  struct sock_fprog program = {1, all};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  execvp(command[0], command);
  _exit(127);
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  /* The listener gets the lowest free descriptor of the child, which is the lowest free one here. */
  int lowest = dup(0);
  close(lowest);
  pid_t child = fork();
  if (child == 0) run(arguments + 1);
  int process = syscall(SYS_pidfd_open, child, 0);
  int listener = -1;
  do {
    usleep(1000);
    int found = syscall(SYS_pidfd_getfd, process, lowest, 0);
    if (found >= 0 && ioctl(found, SECCOMP_IOCTL_NOTIF_SET_FLAGS, 1ULL) == 0) listener = found;
    else if (found >= 0) close(found);
  } while (listener < 0 && waitpid(child, NULL, WNOHANG) == 0);
  struct seccomp_notif call;
  struct seccomp_notif_resp answer = {.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  int status = 0;
  for (;;) {
    memset(&call, 0, sizeof call);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) {
      if (waitpid(child, &status, WNOHANG) == child) break;
      continue;
    }
    answer.id = call.id;
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
