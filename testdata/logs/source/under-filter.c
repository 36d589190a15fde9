/* under-filter DEFAULT NUMBER ACTION PROGRAM [ARG...]: runs a program under a seccomp filter that answers one syscall
 * number with ACTION and all others with DEFAULT (SECCOMP_RET_* values), with SECCOMP_FILTER_FLAG_LOG. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, strtoul(argv[2], 0, 0), 0, 1),
    BPF_STMT(BPF_RET | BPF_K, strtoul(argv[3], 0, 0)),
    BPF_STMT(BPF_RET | BPF_K, strtoul(argv[1], 0, 0)),
  };
  struct sock_fprog program = {4, code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &program)) return 3;
  execv(argv[4], argv + 4);
  return 4;
}
