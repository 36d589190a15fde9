/* Calls the first 200 numbers of x86_64 that do nothing with arguments of -1, in turn: many ROUNDS. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int harmless(long number) {
  static const long skipped[] = {SYS_rt_sigreturn, SYS_pause, SYS_clone, SYS_fork, SYS_vfork, SYS_exit, SYS_kill,
      SYS_ptrace, SYS_setsid, SYS_personality, SYS_vhangup, SYS_sync, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_iopl,
      SYS_ioperm, SYS_tkill, SYS_restart_syscall, SYS_exit_group, SYS_close, SYS_alarm, SYS_munlockall};
  for (unsigned i = 0; i < sizeof skipped / sizeof *skipped; i++)
    if (skipped[i] == number) return 0;
  return 1;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 1;
  while (rounds-- > 0) {
    int kinds = 0;
    for (long number = 0; kinds < 200; number++) {
      if (!harmless(number)) continue;
      syscall(number, -1, -1, -1, -1, -1, -1);
      kinds++;
    }
  }
  return 0;
}
