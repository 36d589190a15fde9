import { SYSTEMD_GROUPS } from "./systemd-groups.gen.ts";

/** What a call is for, in the words of the product: one group for each call of the tables. */
const GROUPS = {
  files: `_llseek access cachestat chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3
    faccessat faccessat2 fadvise64 fadvise64_64 arm_fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown
    fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr file_getattr file_setattr flistxattr flock fremovexattr
    fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat getcwd getdents
    getdents64 getxattr getxattrat ioctl lchown lchown32 lgetxattr link linkat listxattr listxattrat llistxattr
    lremovexattr lseek lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat oldfstat
    oldlstat oldstat open open_by_handle_at openat openat2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read
    readahead readdir readlink readlinkat readv removexattr removexattrat rename renameat renameat2 rmdir sendfile
    sendfile64 setxattr setxattrat splice stat stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range
    sync_file_range2 arm_sync_file_range syncfs tee truncate truncate64 umask unlink unlinkat utime utimensat
    utimensat_time64 utimes vmsplice write writev`,
  watching: `fanotify_init fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch`,
  "async-io": `io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit io_uring_enter
    io_uring_register io_uring_setup`,
  polling: `_newselect epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait
    epoll_wait_old eventfd eventfd2 poll ppoll ppoll_time64 pselect6 pselect6_time64 select`,
  network: `accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg
    recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socket socketcall socketpair`,
  processes: `clone clone3 execve execveat exit exit_group fork getpgid getpgrp getpid getppid getsid gettid kcmp
    pidfd_getfd pidfd_open process_mrelease process_vm_readv process_vm_writev prctl ptrace set_tid_address setpgid
    setsid vfork wait4 waitid waitpid personality`,
  threads: `futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake get_robust_list get_thread_area
    get_tls membarrier rseq rseq_slice_yield set_robust_list set_thread_area set_tls arch_prctl swapcontext`,
  memory: `brk get_mempolicy madvise map_shadow_stack mbind memfd_create memfd_secret migrate_pages mincore mlock
    mlock2 mlockall mmap mmap2 move_pages mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free
    pkey_mprotect process_madvise remap_file_pages set_mempolicy set_mempolicy_home_node subpage_prot userfaultfd`,
  signals: `kill pause pidfd_send_signal restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
    rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sgetmask sigaction
    sigaltstack signal signalfd signalfd4 sigpending sigprocmask sigreturn sigsuspend ssetmask tgkill tkill`,
  time: `adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
    clock_nanosleep clock_nanosleep_time64 clock_settime clock_settime64 getitimer gettimeofday nanosleep setitimer
    settimeofday stime time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime
    timer_settime64 timerfd timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64`,
  ipc: `ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64
    mq_unlink msgctl msgget msgrcv msgsnd pipe pipe2 semctl semget semop semtimedop semtimedop_time64 shmat shmctl
    shmdt shmget`,
  identity: `capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getresgid
    getresgid32 getresuid getresuid32 getuid getuid32 setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32
    setgroups setgroups32 setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setuid
    setuid32`,
  confinement: `landlock_add_rule landlock_create_ruleset landlock_restrict_self lsm_get_self_attr lsm_list_modules
    lsm_set_self_attr seccomp`,
  keys: `add_key keyctl request_key`,
  scheduling: `getcpu getpriority ioprio_get ioprio_set nice sched_get_priority_max sched_get_priority_min
    sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
    sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield
    setpriority`,
  limits: `acct getrlimit getrusage prlimit64 quotactl quotactl_fd setrlimit times ugetrlimit`,
  mounts: `chroot fsconfig fsmount fsopen fspick listmount listns mount mount_setattr move_mount open_tree
    open_tree_attr pivot_root setns statmount swapoff swapon umount umount2 unshare`,
  system: `getrandom getpagesize sethostname setdomainname sysinfo syslog uname olduname oldolduname vhangup`,
  kernel: `bpf delete_module finit_module init_module ioperm iopl kexec_file_load kexec_load lookup_dcookie
    perf_event_open reboot uprobe uretprobe`,
  machine: `atomic_barrier atomic_cmpxchg_32 breakpoint cachectl cacheflush modify_ldt pciconfig_iobase
    pciconfig_read pciconfig_write riscv_flush_icache riscv_hwprobe rtas s390_guarded_storage s390_pci_mmio_read
    s390_pci_mmio_write s390_runtime_instr s390_sthyi spu_create spu_run switch_endian sys_debug_setcontext syscall
    sysmips usr26 usr32 vm86 vm86old`,
  obsolete: `_sysctl afs_syscall bdflush break create_module ftime get_kernel_syms getpmsg gtty idle lock mpx
    multiplexer nfsservctl prof profil putpmsg query_module security stty sysfs tuxcall ulimit uselib ustat vserver`,
} as const;

export type Group = keyof typeof GROUPS;

let byName: Map<string, Group> | undefined;

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** The group of a call by its name on any ABI; undefined for a name that no table has. */
export function groupOf(name: string): Group | undefined {
  byName ??= new Map(groups().flatMap(group => groupMembers(group).map(member => [member, group] as const)));
  return byName.get(name);
}

/** All groups, the everyday ones first. */
export function groups(): readonly Group[] {
  return Object.keys(GROUPS) as Group[];
}

export function groupMembers(group: Group): readonly string[] {
  return words(GROUPS[group]);
}

/** Names of the groups of systemd 252, `@system-service` and the like; `@known` is not among them. */
export function systemdGroups(): readonly string[] {
  return Object.keys(SYSTEMD_GROUPS);
}

/**
 * The calls of a systemd group, the groups in it resolved, sorted; undefined for an unknown one.
 * Names of all architectures are in it. systemd itself adds @default to every allow list; that is the caller's.
 * Source: `systemd-analyze syscall-filter` of systemd 252.
 */
export function systemdGroup(name: string): readonly string[] | undefined {
  if (!Object.hasOwn(SYSTEMD_GROUPS, name)) return undefined;
  const found = new Set<string>();
  const visit = (group: string): void => {
    for (const member of (SYSTEMD_GROUPS[group] ?? "").split(" ")) {
      if (member.startsWith("@")) visit(member);
      else found.add(member);
    }
  };
  visit(name);
  return [...found].sort();
}
