/*
 * launch [OPTION...] -- FILE ARGV0 [ARG...]
 *
 * Starts FILE, under a seccomp filter if asked, and guards it: all its descendants stay below this process, and end
 * with whoever holds the other end of the control socket. Nothing runs between loading the filter and execve(2).
 *
 *   --session            a session of its own for the program
 *   --no-new-privs       set no_new_privs
 *   --open-files=N       lower the soft limit of open files to N
 *   --cgroup=FOLDER      the program joins this cgroup (v2); it is killed and removed when the control socket closes
 *   --filter=BYTES       that many bytes of struct sock_filter come first on the control socket
 *   --filter-flags=N     SECCOMP_FILTER_FLAG_* for it
 *   --listener           ask for a user notification listener, and send it through the socket on descriptor 4
 *
 * Descriptor 3 is the control socket. Bytes read from it: 1..64 a signal for the program, 128 + N signal N for every
 * descendant (137, SIGKILL, until none is left); 0 the answer to `gone`; end of file: kill everything. Lines written:
 *
 *   pid N                the program's process id
 *   listener             the listener has been sent; this process keeps it open until the end
 *   running              the program has been executed (not said when there is a listener)
 *   failed STEP ERRNO    it was not started: STEP did not work
 *   killed N             it was not started: signal N ended it before or in execve
 *   exit CODE, signal N  the program has ended
 *   gone                 no descendant is left; the last line. With a cgroup the answer is waited for
 */
#include "tree.h"

enum { CONTROL = 3, LISTENER_SOCKET = 4, DONE = 0, EVERYONE = 128 };

static struct {
  int session, no_new_privs, listener;
  const char *cgroup;
  unsigned long open_files, filter_bytes, filter_flags;
  char *file;
  char **argv, **envp;
} options;

static struct sock_filter filter[4096];
static __u64 inherited_signals;
static int guard, group, cgroup_parent = -1, cgroup_procs = -1, cgroup_kill = -1, child_events;

/* Written by the child in our memory, because under its filter it may have no other way to tell. */
static struct {
  const char *failed;
  long error;
  long listener;
} told = {.listener = -1};

static struct {
  int main;
  int awaiting_listener, killing, orphaned;
  long nap;
} state;

static void report(const char *word, long number, const char *detail) {
  char line[128], *end = put(line, word);
  if (detail != 0) end = put(put(end, " "), detail);
  if (number >= 0) end = put_number(put(end, " "), (unsigned long)number);
  end = put(end, "\n");
  sys_write(CONTROL, line, (size_t)(end - line));
}

static void fail(const char *step, long result) {
  report("failed", -result, step);
  sys_exit(1);
}

/* ---- the child, until it is the program ---- */

static void child_failed(const char *step, long result) {
  told.error = -result;
  __atomic_store_n(&told.failed, step, __ATOMIC_RELEASE);
  sys_exit(127);
}

static void default_dispositions(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  for (int signal = 1; signal <= 64; signal++) {
    CALL(__NR_rt_sigaction, signal, &action, 0, sizeof(__u64), 0);
  }
}

static void lower_open_files(void) {
  struct rlimit64 limit;
  if (options.open_files == 0 || CALL(__NR_prlimit64, 0, RLIMIT_NOFILE, 0, &limit, 0) < 0) return;
  if (options.open_files > limit.rlim_cur) return;
  limit.rlim_cur = options.open_files;
  CALL(__NR_prlimit64, 0, RLIMIT_NOFILE, &limit, 0, 0);
}

/* Waits until the answer can be interrupted by nothing but a deadly signal, where the kernel can (Linux 5.19). */
static long load_filter(void) {
  struct sock_fprog program = {(unsigned short)(options.filter_bytes / sizeof *filter), filter};
  unsigned long flags = options.filter_flags;
  if (!options.listener) return CALL(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program, 0, 0);
  flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
  unsigned long killable = flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  long result = CALL(__NR_seccomp, SECCOMP_SET_MODE_FILTER, killable, &program, 0, 0);
  if (result != -EINVAL) return result;
  return CALL(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program, 0, 0);
}

static void child(void) {
  long result = options.session ? CALL(__NR_setsid, 0, 0, 0, 0, 0) : CALL(__NR_setpgid, 0, group, 0, 0, 0);
  if (result < 0) child_failed("session", result);
  sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (CALL(__NR_getppid, 0, 0, 0, 0, 0) != guard) sys_exit(127);
  if (cgroup_procs >= 0 && (result = sys_write(cgroup_procs, "0", 1)) < 0) child_failed("cgroup", result);
  lower_open_files();
  default_dispositions();
  sys_block_signals(&inherited_signals, 0);
  if (options.no_new_privs && (result = sys_prctl(PR_SET_NO_NEW_PRIVS, 1)) < 0) child_failed("no-new-privs", result);
  if (options.filter_bytes > 0) {
    result = load_filter();
    if (result < 0) child_failed("filter", result);
    if (options.listener) __atomic_store_n(&told.listener, result, __ATOMIC_RELEASE);
  }
  child_failed("exec", CALL(__NR_execve, options.file, options.argv, options.envp, 0, 0));
}

/*
 * The child shares our memory, so that it can tell an error. Without a listener we sleep until it has executed, as
 * with vfork(2). With one, its execve waits for a supervisor, and we have to stay awake; then it also shares our
 * descriptors, so that the listener appears here too: execve closes the child's own before anyone could fetch it.
 */
static void start_child(void) {
  static char stack[16384] __attribute__((aligned(16)));
  unsigned long flags = SIGCHLD | CLONE_VM | (options.listener ? CLONE_FILES : CLONE_VFORK);
  long pid = clone_onto_stack(flags, stack + sizeof stack, child);
  if (pid < 0) fail("clone", pid);
  state.main = (int)pid;
  report("pid", pid, 0);
  if (options.listener) {
    state.awaiting_listener = 1;
    return;
  }
  for (int fd = 0; fd < 3; fd++) sys_close(fd);
  struct process process;
  int known = read_process_of(state.main, &process);
  int unstarted = known && (process.flags & PF_EXITING) && (process.flags & PF_FORKNOEXEC);
  if (told.failed == 0 && !unstarted) report("running", -1, 0);
}

/* ---- the guard ---- */

static void remove_cgroup(void) {
  const char *name = options.cgroup;
  for (const char *at = name; *at != '\0'; at++) {
    if (*at == '/') name = at + 1;
  }
  /* The kernel lets go of a cgroup a little after its last process. */
  for (int tries = 0; tries < 100; tries++) {
    if (CALL(__NR_unlinkat, cgroup_parent, name, AT_REMOVEDIR, 0, 0) != -EBUSY) return;
    sys_nap(10000);
  }
}

/* Everything may have ended because our caller is being killed with it; only if it answers is the cgroup its own. */
static int caller_lives(void) {
  for (;;) {
    unsigned char command;
    long result = sys_read(CONTROL, &command, 1);
    if (result == 1 && command == DONE) return 1;
    if (result <= 0 && result != -EINTR) return 0;
  }
}

static void finish(void) {
  report("gone", -1, 0);
  if (cgroup_parent >= 0 && (state.orphaned || !caller_lives())) remove_cgroup();
  sys_exit(0);
}

/*
 * Sends a copy of a descriptor (see cmsg(3)). Our own stays open: should the supervisor die, the calls that wait for
 * it then go on waiting until we have killed the program, instead of failing with ENOSYS.
 */
static long send_descriptor(int socket, int fd) {
  struct { size_t size; int level, type, fd, padding; } control = {20, 1 /* SOL_SOCKET */, 1 /* SCM_RIGHTS */, fd, 0};
  struct { const void *base; size_t size; } part = {"", 1};
  struct {
    void *name;
    unsigned int name_size;
    void *parts;
    size_t part_count;
    void *control;
    size_t control_size;
    int flags;
  } message = {0, 0, &part, 1, &control, sizeof control, 0};
  return CALL(__NR_sendmsg, socket, &message, 0, 0, 0);
}

static void send_listener(void) {
  long listener = __atomic_load_n(&told.listener, __ATOMIC_ACQUIRE);
  if (listener < 0) return;
  state.awaiting_listener = 0;
  long result = send_descriptor(LISTENER_SOCKET, (int)listener);
  if (result < 0) report("failed", -result, "listener");
  else report("listener", -1, 0);
}

/* The program has ended and is still a zombie, whose flags tell whether it was ever executed. */
static void report_end(int code, int status) {
  struct process process;
  int ended_by_signal = code != CLD_EXITED;
  if (state.awaiting_listener) send_listener();
  state.awaiting_listener = 0;
  if (told.failed != 0) report("failed", told.error, told.failed);
  else if (read_process_of(state.main, &process) && (process.flags & PF_FORKNOEXEC)) {
    report("killed", ended_by_signal ? status : 0, 0);
  } else report(ended_by_signal ? "signal" : "exit", status, 0);
}

static void reap(void) {
  for (;;) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    long result = CALL(__NR_waitid, P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL, 0);
    if (result == -ECHILD) finish();
    if (result < 0 || info.si_pid == 0) return;
    if (info.si_pid == state.main) report_end(info.si_code, info.si_status);
    CALL(__NR_wait4, info.si_pid, 0, __WALL, 0, 0);
    if (info.si_pid == state.main) state.main = 0;
  }
}

/*
 * Stops everything before it kills anything: what is stopped cannot fork, and what a fork bomb cannot fork because
 * it has reached its limit must not find room again through the first deaths.
 */
static void start_killing(void) {
  if (state.killing) return;
  state.killing = 1;
  state.nap = 500;
  if (cgroup_kill >= 0) sys_write(cgroup_kill, "1", 1);
  for (int round = 0; round < 8; round++) {
    if (signal_descendants(guard, SIGSTOP) == 0) break;
  }
}

static void keep_killing(void) {
  signal_descendants(guard, SIGKILL);
  for (int round = state.nap < 10000 ? 200 : 1; round > 0; round--) {
    kill_children(guard);
    reap();
  }
  if (state.nap < 100000) state.nap *= 2;
}

static void obey(unsigned char command) {
  if (command == EVERYONE + SIGKILL) start_killing();
  else if (command >= EVERYONE) signal_descendants(guard, command - EVERYONE);
  else if (state.main != 0) sys_kill(state.main, command);
}

static void read_control(void) {
  unsigned char commands[64];
  long size = sys_read(CONTROL, commands, sizeof commands);
  if (size == -EINTR || size == -EAGAIN) return;
  if (size <= 0) {
    state.orphaned = 1;
    start_killing();
  }
  for (long i = 0; i < size; i++) obey(commands[i]);
}

static void wait_for_events(void) {
  struct pollfd events[2] = {{child_events, POLLIN, 0}, {state.orphaned ? -1 : CONTROL, POLLIN, 0}};
  struct __kernel_timespec time = {0, (state.killing ? state.nap : 50) * 1000};
  int timed = state.killing || state.awaiting_listener;
  if (CALL(__NR_ppoll, events, 2, timed ? &time : 0, 0, 0) <= 0) return;
  struct signalfd_siginfo_space { char bytes[128]; } signals[8];
  if (events[0].revents) sys_read(child_events, signals, sizeof signals);
  if (events[1].revents) read_control();
}

static void supervise(void) {
  for (;;) {
    if (state.awaiting_listener) send_listener();
    reap();
    if (state.killing) keep_killing();
    wait_for_events();
  }
}

/* ---- before the start ---- */

static void parse_options(char **argv) {
  for (argv++; *argv != 0; argv++) {
    const char *value;
    if (equal(*argv, "--session")) options.session = 1;
    else if (equal(*argv, "--no-new-privs")) options.no_new_privs = 1;
    else if (equal(*argv, "--listener")) options.listener = 1;
    else if ((value = after(*argv, "--cgroup=")) != 0) options.cgroup = value;
    else if ((value = after(*argv, "--open-files=")) != 0) options.open_files = to_number(value);
    else if ((value = after(*argv, "--filter=")) != 0) options.filter_bytes = to_number(value);
    else if ((value = after(*argv, "--filter-flags=")) != 0) options.filter_flags = to_number(value);
    else break;
  }
  if (*argv == 0 || !equal(*argv, "--") || argv[1] == 0 || argv[2] == 0) fail("options", -EINVAL);
  if (options.filter_bytes > sizeof filter || options.filter_bytes % sizeof *filter != 0) fail("options", -E2BIG);
  options.file = argv[1];
  options.argv = argv + 2;
}

static void close_descriptors_from(unsigned int first) {
  if (CALL(__NR_close_range, first, ~0u, 0, 0, 0) == 0) return;
  for (unsigned int fd = first; fd < 65536; fd++) sys_close((int)fd);
}

static void read_filter(void) {
  for (unsigned long size = 0; size < options.filter_bytes;) {
    long result = sys_read(CONTROL, (char *)filter + size, options.filter_bytes - size);
    if (result <= 0) fail("filter-bytes", result < 0 ? result : -EPIPE);
    size += (unsigned long)result;
  }
}

/* Kept as descriptors: at the end the path may lead nowhere, as it does through /proc/PID/fd of a dead process. */
static void open_cgroup(void) {
  if (options.cgroup == 0) return;
  int folder = (int)sys_openat(AT_FDCWD, options.cgroup, O_RDONLY | O_DIRECTORY);
  if (folder < 0) fail("cgroup", folder);
  cgroup_parent = (int)sys_openat(folder, "..", O_RDONLY | O_DIRECTORY);
  cgroup_procs = (int)sys_openat(folder, "cgroup.procs", O_WRONLY);
  cgroup_kill = (int)sys_openat(folder, "cgroup.kill", O_WRONLY);
  sys_close(folder);
  if (cgroup_procs < 0) fail("cgroup", cgroup_procs);
}

/* Out of reach of signals to our caller's process group: what kills it must not kill its guard too. */
static void detach(void) {
  group = (int)CALL(__NR_getpgid, 0, 0, 0, 0, 0);
  if (options.session) CALL(__NR_setsid, 0, 0, 0, 0, 0);
  else CALL(__NR_setpgid, 0, 0, 0, 0, 0);
}

static void prepare(void) {
  const __u64 all = ~0ull, children = 1ull << (SIGCHLD - 1);
  sys_block_signals(&all, &inherited_signals);
  guard = (int)sys_getpid();
  sys_prctl(PR_SET_CHILD_SUBREAPER, 1);
  CALL(__NR_fcntl, CONTROL, F_SETFD, FD_CLOEXEC, 0, 0);
  CALL(__NR_fcntl, LISTENER_SOCKET, F_SETFD, FD_CLOEXEC, 0, 0);
  close_descriptors_from(options.listener ? LISTENER_SOCKET + 1 : CONTROL + 1);
  detach();
  child_events = (int)CALL(__NR_signalfd4, -1, &children, sizeof children, O_CLOEXEC | O_NONBLOCK, 0);
  if (child_events < 0) fail("signalfd", child_events);
  open_cgroup();
  read_filter();
}

void start(long *stack) {
  char **argv = (char **)(stack + 1);
  options.envp = argv + stack[0] + 1;
  parse_options(argv);
  prepare();
  start_child();
  supervise();
}
