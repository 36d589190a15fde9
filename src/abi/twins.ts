/** Two calls that do the same work, the newer one with more to it, used by C libraries in place of each other. */
export interface Twin {
  readonly older: string;
  readonly newer: string;
  /** What the newer one brings or why a library prefers it. */
  readonly reason: string;
  /**
   * A widely used library tries the newer one first and falls back to the older when the answer is ENOSYS, and
   * ENOSYS alone: with EPERM the program fails. Then the two belong together in a profile, or the newer one must
   * be answered with ENOSYS.
   */
  readonly fallback?: Fallback;
}

export interface Fallback {
  /** Who falls back, `glibc 2.34`. */
  readonly by: string;
  readonly source: string;
}

const GLIBC = "https://sourceware.org/git/?p=glibc.git";
const CLONE3: Fallback = { by: "glibc 2.34", source: "https://github.com/moby/moby/issues/42680" };
const FACCESSAT2: Fallback = {
  by: "glibc 2.33",
  source: "https://github.com/moby/moby/issues/41381",
};
const OPENAT2: Fallback = {
  by: "runc, systemd",
  source: "https://github.com/opencontainers/runc/issues/4984",
};
const CLOSE_RANGE: Fallback = { by: "glibc 2.34", source: "https://github.com/containers/crun/issues/671" };
const STATX: Fallback = {
  by: "glibc 2.28, coreutils 8.31",
  source: `${GLIBC};f=sysdeps/unix/sysv/linux/statx.c`,
};
const FCHMODAT2: Fallback = { by: "glibc 2.39", source: `${GLIBC};f=sysdeps/unix/sysv/linux/fchmodat.c` };
const TIME64: Fallback = { by: "glibc 2.34, musl 1.2", source: "https://musl.libc.org/time64.html" };

function twin(older: string, newer: string, reason: string, fallback?: Fallback): Twin {
  return { older, newer, reason, ...(fallback === undefined ? {} : { fallback }) };
}

/** Where one reason holds for many: `OLDER/NEWER`, separated by spaces. */
function twins(pairs: string, reason: string, fallback?: Fallback): readonly Twin[] {
  return pairs.split(" ").map(pair => {
    const [older = "", newer = ""] = pair.split("/");
    return twin(older, newer, reason, fallback);
  });
}

const TIME64_PAIRS =
  "clock_gettime/clock_gettime64 clock_settime/clock_settime64 clock_adjtime/clock_adjtime64 " +
  "clock_getres/clock_getres_time64 clock_nanosleep/clock_nanosleep_time64 timer_gettime/timer_gettime64 " +
  "timer_settime/timer_settime64 timerfd_gettime/timerfd_gettime64 timerfd_settime/timerfd_settime64 " +
  "utimensat/utimensat_time64 pselect6/pselect6_time64 ppoll/ppoll_time64 io_pgetevents/io_pgetevents_time64 " +
  "recvmmsg/recvmmsg_time64 mq_timedsend/mq_timedsend_time64 mq_timedreceive/mq_timedreceive_time64 " +
  "semtimedop/semtimedop_time64 rt_sigtimedwait/rt_sigtimedwait_time64 futex/futex_time64 " +
  "sched_rr_get_interval/sched_rr_get_interval_time64";

const AT_PAIRS =
  "open/openat creat/openat mkdir/mkdirat mknod/mknodat rmdir/unlinkat unlink/unlinkat link/linkat " +
  "symlink/symlinkat readlink/readlinkat rename/renameat chmod/fchmodat chown/fchownat lchown/fchownat " +
  "access/faccessat stat/newfstatat lstat/newfstatat utime/utimensat utimes/utimensat futimesat/utimensat " +
  "execve/execveat";

const FLAG_PAIRS =
  "dup2/dup3 pipe/pipe2 eventfd/eventfd2 signalfd/signalfd4 inotify_init/inotify_init1 epoll_create/epoll_create1 " +
  "accept/accept4";

const ID32_PAIRS =
  "chown/chown32 lchown/lchown32 fchown/fchown32 getuid/getuid32 geteuid/geteuid32 getgid/getgid32 " +
  "getegid/getegid32 setuid/setuid32 setgid/setgid32 setreuid/setreuid32 setregid/setregid32 " +
  "setresuid/setresuid32 setresgid/setresgid32 getresuid/getresuid32 getresgid/getresgid32 " +
  "getgroups/getgroups32 setgroups/setgroups32 setfsuid/setfsuid32 setfsgid/setfsgid32";

const FILE64_PAIRS =
  "stat/stat64 lstat/lstat64 fstat/fstat64 newfstatat/fstatat64 statfs/statfs64 fstatfs/fstatfs64 " +
  "truncate/truncate64 ftruncate/ftruncate64 fcntl/fcntl64 sendfile/sendfile64 fadvise64/fadvise64_64 " +
  "lseek/_llseek";

const SIGNAL_PAIRS =
  "sigaction/rt_sigaction sigprocmask/rt_sigprocmask sigpending/rt_sigpending sigsuspend/rt_sigsuspend " +
  "sigreturn/rt_sigreturn signal/rt_sigaction";

/**
 * All of them. Which call a program makes depends on the C library's version, the kernel and the architecture:
 * newer architectures lack the older twins. Sources: the named fallbacks, and the "C library/kernel differences" and
 * "VERSIONS" sections of the calls' manual pages (Linux man-pages, section 2).
 */
export const TWINS: readonly Twin[] = [
  ...twins(AT_PAIRS, "takes a directory descriptor; aarch64, riscv64 and loongarch64 have this one alone"),
  ...twins(FLAG_PAIRS, "takes flags such as close-on-exec; newer architectures have this one alone"),
  ...twins(
    "stat/statx lstat/statx fstat/statx newfstatat/statx stat64/statx lstat64/statx fstat64/statx fstatat64/statx",
    "asks for chosen fields, with birth time and 64-bit times",
    STATX,
  ),
  twin("fstat", "newfstatat", "glibc 2.33 to 2.38 call fstat as newfstatat with an empty path"),
  twin("faccessat", "faccessat2", "takes flags, which the older one ignores", FACCESSAT2),
  twin("access", "faccessat2", "takes a directory descriptor and flags", FACCESSAT2),
  twin("fchmodat", "fchmodat2", "takes flags, which the older one lacks", FCHMODAT2),
  twin("openat", "openat2", "can confine the path's resolution", OPENAT2),
  twin("open", "openat2", "can confine the path's resolution", OPENAT2),
  twin("renameat", "renameat2", "takes flags; riscv64 and loongarch64 have this one alone"),
  twin("rename", "renameat2", "takes flags; riscv64 and loongarch64 have this one alone"),
  twin("clone", "clone3", "has room for more flags and sizes; posix_spawn and threads use it", CLONE3),
  twin("fork", "clone", "glibc forks through clone; newer architectures lack fork"),
  twin("vfork", "clone", "newer architectures lack vfork; posix_spawn uses clone"),
  twin("vfork", "clone3", "posix_spawn uses it", CLONE3),
  twin("fork", "clone3", "creates processes too", CLONE3),
  twin("close", "close_range", "closes many descriptors at once", CLOSE_RANGE),
  twin("poll", "ppoll", "takes a signal mask; newer architectures lack poll"),
  twin("select", "pselect6", "takes a signal mask; newer architectures lack select"),
  twin("select", "_newselect", "the one with five arguments on 32-bit ABIs"),
  twin("_newselect", "pselect6", "takes a signal mask"),
  twin("_newselect", "pselect6_time64", "takes a signal mask and 64-bit times", TIME64),
  twin("epoll_wait", "epoll_pwait", "takes a signal mask; newer architectures lack epoll_wait"),
  twin("epoll_pwait", "epoll_pwait2", "takes a timeout in nanoseconds"),
  twin("epoll_wait", "epoll_pwait2", "takes a timeout in nanoseconds"),
  twin("dup", "fcntl", "F_DUPFD_CLOEXEC duplicates with close-on-exec"),
  twin("futex", "futex_wait", "the split interface of Linux 6.7"),
  twin("futex", "futex_wake", "the split interface of Linux 6.7"),
  twin("futex", "futex_requeue", "the split interface of Linux 6.7"),
  twin("futex", "futex_waitv", "waits on several at once", {
    by: "Wine",
    source: "https://docs.kernel.org/userspace-api/futex2.html",
  }),
  ...twins(TIME64_PAIRS, "64-bit times on a 32-bit ABI", TIME64),
  twin("gettimeofday", "clock_gettime", "nanoseconds; C libraries answer the older one through it"),
  twin("gettimeofday", "clock_gettime64", "64-bit times on a 32-bit ABI", TIME64),
  twin("time", "clock_gettime", "newer architectures lack time"),
  twin("time", "clock_gettime64", "64-bit times on a 32-bit ABI", TIME64),
  twin("nanosleep", "clock_nanosleep", "chooses the clock; glibc sleeps through it"),
  twin("nanosleep", "clock_nanosleep_time64", "64-bit times on a 32-bit ABI", TIME64),
  twin("stime", "clock_settime", "glibc 2.31 sets the time through it"),
  twin("settimeofday", "clock_settime", "glibc 2.31 sets the time through it"),
  twin("alarm", "setitimer", "newer architectures lack alarm"),
  twin("pause", "rt_sigsuspend", "newer architectures lack pause"),
  twin("pause", "ppoll", "newer architectures lack pause; some libraries poll for nothing"),
  twin("getdents", "getdents64", "64-bit inodes and offsets; C libraries use it everywhere"),
  twin("readdir", "getdents64", "reads many entries at once"),
  twin("preadv", "preadv2", "takes flags"),
  twin("pwritev", "pwritev2", "takes flags"),
  twin("wait4", "waitid", "waits by descriptor too"),
  twin("waitpid", "wait4", "gives resource usage; newer architectures lack waitpid"),
  twin("getrlimit", "prlimit64", "64-bit limits; C libraries use it everywhere"),
  twin("setrlimit", "prlimit64", "64-bit limits; C libraries use it everywhere"),
  twin("ugetrlimit", "prlimit64", "64-bit limits"),
  twin("getpgrp", "getpgid", "newer architectures lack getpgrp"),
  twin("tkill", "tgkill", "names the process too"),
  twin("mmap", "mmap2", "offsets in pages on a 32-bit ABI"),
  twin("umount", "umount2", "takes flags"),
  twin("mlock", "mlock2", "takes flags"),
  twin("sendfile", "copy_file_range", "copies within the kernel; cp and others try it first", {
    by: "coreutils 9, Go, Rust",
    source: "https://man7.org/linux/man-pages/man2/copy_file_range.2.html",
  }),
  twin("sendmsg", "sendmmsg", "many messages at once; glibc's resolver uses it"),
  twin("recvmsg", "recvmmsg", "many messages at once"),
  twin("send", "sendto", "x86_64 and others lack send"),
  twin("recv", "recvfrom", "x86_64 and others lack recv"),
  twin("mount", "move_mount", "the mount interface by descriptors of Linux 5.2", {
    by: "util-linux 2.39",
    source: "https://github.com/util-linux/util-linux/blob/master/Documentation/releases/v2.39-ReleaseNotes",
  }),
  twin("init_module", "finit_module", "takes a descriptor"),
  twin("kexec_load", "kexec_file_load", "takes descriptors"),
  twin("quotactl", "quotactl_fd", "takes a descriptor"),
  twin("sched_setscheduler", "sched_setattr", "has deadlines and flags"),
  twin("sched_getscheduler", "sched_getattr", "has deadlines and flags"),
  twin("setxattr", "setxattrat", "takes a directory descriptor and flags"),
  twin("getxattr", "getxattrat", "takes a directory descriptor and flags"),
  twin("listxattr", "listxattrat", "takes a directory descriptor and flags"),
  twin("removexattr", "removexattrat", "takes a directory descriptor and flags"),
  ...twins(ID32_PAIRS, "32-bit ids on a 32-bit ABI that began with 16"),
  ...twins(FILE64_PAIRS, "64-bit sizes and offsets on a 32-bit ABI"),
  ...twins(SIGNAL_PAIRS, "masks for all 64 signals; newer ABIs lack the older one"),
  ...twins(
    "socketcall/socket socketcall/connect socketcall/bind socketcall/listen socketcall/accept4 socketcall/sendto " +
      "socketcall/recvfrom socketcall/sendmsg socketcall/recvmsg socketcall/getsockopt socketcall/setsockopt " +
      "socketcall/shutdown socketcall/socketpair socketcall/getsockname socketcall/getpeername",
    "a call of its own since Linux 4.3 on i386 and s390; the multiplexer walks around filters of it",
  ),
  ...twins(
    "ipc/semget ipc/semctl ipc/semtimedop ipc/shmget ipc/shmat ipc/shmdt ipc/shmctl ipc/msgget ipc/msgsnd ipc/msgrcv " +
      "ipc/msgctl",
    "a call of its own since Linux 5.1 on ABIs that had the multiplexer alone",
  ),
];

let byOlder: Map<string, Twin[]> | undefined;
let byNewer: Map<string, Twin[]> | undefined;

function index(key: "older" | "newer"): Map<string, Twin[]> {
  const map = new Map<string, Twin[]>();
  for (const pair of TWINS) map.set(pair[key], [...(map.get(pair[key]) ?? []), pair]);
  return map;
}

/** The pairs in which the call is the older one; not transitively (stat gives newfstatat and statx). */
export function newerTwinsOf(name: string): readonly Twin[] {
  byOlder ??= index("older");
  return byOlder.get(name) ?? [];
}

/** The pairs in which the call is the newer one. */
export function olderTwinsOf(name: string): readonly Twin[] {
  byNewer ??= index("newer");
  return byNewer.get(name) ?? [];
}
