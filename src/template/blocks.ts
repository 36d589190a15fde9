import { groupMembers } from "../abi/groups.ts";
import { riskOf } from "../abi/risk.ts";
import { ESSENTIAL } from "../profile/derive.ts";
import { runtimeCalls } from "../profile/runtime-base.ts";

/** Calls that belong together because a kind of program needs all of them. */
export interface Block {
  /** What a program can do with it, to be read after "allows". */
  readonly purpose: string;
  readonly names: readonly string[];
}

function block(purpose: string, text: string): Block {
  return { purpose, names: text.trim().split(/\s+/) };
}

/** The calls of groups that have no risk, without some. */
function ofGroups(
  purpose: string,
  names: readonly Parameters<typeof groupMembers>[0][],
  without = "",
): Block {
  const left = new Set(without.split(" "));
  return {
    purpose,
    names: names.flatMap(groupMembers).filter(name => riskOf(name) === undefined && !left.has(name)),
  };
}

export type BlockName =
  | "runtime"
  | "start"
  | "read"
  | "write"
  | "owner"
  | "watch"
  | "local"
  | "network"
  | "serve"
  | "events"
  | "timers"
  | "children"
  | "user"
  | "priority"
  | "aio"
  | "shared"
  | "lock"
  | "jit"
  | "memfd";

/**
 * What templates are put together from. Each holds the older and the newer calls for its work, so that programs on
 * glibc, musl and Go's own runtime find theirs, and none that is known for a high risk (`abi/risk.ts`).
 */
export const BLOCKS: Readonly<Record<BlockName, Block>> = {
  /** runc's own calls after it has loaded the filter, and what ends a program: without them nothing starts. */
  runtime: { purpose: "starting in a container", names: [...runtimeCalls("runc"), ...ESSENTIAL] },
  start: block(
    "being loaded, with memory, threads, clocks and signals",
    `brk mmap mmap2 munmap mprotect mremap madvise mincore set_tid_address set_robust_list get_robust_list rseq futex
    futex_time64 futex_waitv membarrier get_thread_area set_thread_area set_tls arch_prctl clone gettid getpid getppid
    getpgid getpgrp getsid rt_sigaction rt_sigprocmask rt_sigpending rt_sigsuspend rt_sigtimedwait
    rt_sigtimedwait_time64 sigaction sigprocmask sigsuspend sigaltstack tgkill tkill kill pause
    clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep clock_nanosleep_time64 nanosleep
    gettimeofday time times getitimer setitimer alarm timer_create timer_settime timer_settime64 timer_gettime
    timer_gettime64 timer_delete timer_getoverrun getrandom uname sysinfo getcpu getrusage
    getrlimit ugetrlimit prlimit64 setrlimit sched_yield sched_getaffinity sched_getscheduler sched_getparam
    sched_get_priority_min sched_get_priority_max getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32
    getresuid getresuid32 getresgid getresgid32 getgroups getgroups32 capget prctl`,
  ),
  read: block(
    "reading files and folders, and pipes and terminals",
    `open openat close close_range read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek
    _llseek stat stat64 lstat lstat64 fstat fstat64 fstatat64 newfstatat statx statfs statfs64 fstatfs fstatfs64
    access faccessat faccessat2 readlink readlinkat getdents getdents64 getcwd chdir fchdir fcntl fcntl64 ioctl dup
    dup2 dup3 pipe pipe2 poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 fadvise64 fadvise64_64
    arm_fadvise64_64 readahead getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr umask`,
  ),
  write: block(
    "making, changing and removing files and folders",
    `creat mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat truncate
    truncate64 ftruncate ftruncate64 fallocate fsync fdatasync sync sync_file_range sync_file_range2
    arm_sync_file_range syncfs msync flock chmod fchmod fchmodat fchmodat2 utime utimes utimensat utimensat_time64
    futimesat copy_file_range sendfile sendfile64 setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr`,
  ),
  owner: block("giving files to another user", "chown chown32 fchown fchown32 lchown lchown32 fchownat"),
  watch: ofGroups("watching files for changes", ["watching"], "fanotify_mark"),
  /** What the C library asks for users and groups, a name service daemon. Of sockets, AF_UNIX alone. */
  local: block(
    "asking the machine's own services over Unix sockets",
    "socket connect socketcall sendto sendmsg recvfrom recvmsg",
  ),
  network: block(
    "connecting to others over sockets",
    `socket socketpair connect bind getsockname getpeername getsockopt setsockopt shutdown send sendto sendmsg sendmmsg
    recv recvfrom recvmsg recvmmsg recvmmsg_time64 socketcall`,
  ),
  serve: block(
    "accepting connections and sending files over them",
    "listen accept accept4 sendfile sendfile64",
  ),
  events: ofGroups("waiting for many things at once", ["polling"], "epoll_ctl_old epoll_wait_old"),
  timers: block(
    "timers and signals as descriptors",
    `timerfd_create timerfd_settime timerfd_settime64 timerfd_gettime timerfd_gettime64 signalfd signalfd4`,
  ),
  children: block(
    "starting other programs and waiting for them",
    `fork vfork execve wait4 waitpid waitid setpgid setsid pidfd_open pidfd_send_signal rt_sigqueueinfo`,
  ),
  user: block(
    "giving up root for another user",
    `setuid setuid32 setgid setgid32 setgroups setgroups32 setresuid setresuid32 setresgid setresgid32 setreuid
    setreuid32 setregid setregid32 capset`,
  ),
  priority: block(
    "changing its own priority and processors",
    `getpriority setpriority ioprio_get ioprio_set sched_setaffinity sched_setscheduler sched_setparam`,
  ),
  aio: block(
    "asynchronous disk access",
    "io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents",
  ),
  shared: block(
    "System V shared memory and semaphores",
    "shmget shmat shmdt shmctl semget semop semctl semtimedop semtimedop_time64 ipc",
  ),
  lock: block("keeping memory from being swapped", "mlock mlock2 mlockall munlock munlockall"),
  jit: block("protection keys for the memory of generated code", "pkey_alloc pkey_free pkey_mprotect"),
  memfd: block("files in memory", "memfd_create"),
};
