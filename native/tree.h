/*
 * Our descendants, found in /proc. Since we are their subreaper, whatever they do (double fork, setsid), the chain
 * of parents of each leads to us.
 */
#ifndef SECCRAFT_TREE_H
#define SECCRAFT_TREE_H

#include "kernel.h"

/* include/linux/sched.h; the flags are field 9 of /proc/PID/stat. */
#define PF_EXITING 0x4ul
#define PF_FORKNOEXEC 0x40ul

struct process {
  int pid;
  int parent;
  char state;
  char ours;
  unsigned long flags;
  unsigned long started;
};

struct directory_entry {
  __u64 inode;
  __s64 offset;
  unsigned short size;
  unsigned char type;
  char name[];
};

/* Untouched pages cost nothing. Should there be more, the next round finds those that this one had no room for. */
static struct process processes[1 << 18];
static int process_count;

/* /proc/PID as a folder descriptor, which also serves as a pidfd; or -errno. */
static int open_process(int pid) {
  char path[32];
  put_number(put(path, "/proc/"), (unsigned long)pid);
  return (int)sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
}

static const char *next_field(const char *text) {
  while (*text != ' ' && *text != '\0') text++;
  return *text == ' ' ? text + 1 : text;
}

/* Reads `stat` of an opened /proc/PID. The name in it may hold anything, so the fields count from the last `)`. */
static int read_process(int folder, struct process *process) {
  char text[1024];
  int fd = (int)sys_openat(folder, "stat", O_RDONLY);
  if (fd < 0) return 0;
  long size = sys_read(fd, text, sizeof text - 1);
  sys_close(fd);
  if (size <= 0) return 0;
  text[size] = '\0';
  const char *field = 0;
  for (char *at = text; *at != '\0'; at++) {
    if (*at == ')') field = at + 1;
  }
  if (field == 0 || field[0] != ' ') return 0;
  process->pid = (int)to_number(text);
  process->state = *++field;
  field = next_field(field);
  process->parent = (int)to_number(field);
  for (int number = 4; number < 9; number++) field = next_field(field);
  process->flags = to_number(field);
  for (int number = 9; number < 22; number++) field = next_field(field);
  process->started = to_number(field);
  return 1;
}

static int read_process_of(int pid, struct process *process) {
  int folder = open_process(pid);
  if (folder < 0) return 0;
  int known = read_process(folder, process);
  sys_close(folder);
  return known;
}

static void add_process(const char *name) {
  if (*name < '1' || *name > '9' || process_count == (int)(sizeof processes / sizeof *processes)) return;
  struct process *process = &processes[process_count];
  if (!read_process_of((int)to_number(name), process)) return;
  process->ours = 0;
  process_count++;
}

static void list_processes(void) {
  static char buffer[32768] __attribute__((aligned(8)));
  process_count = 0;
  int proc = (int)sys_openat(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY);
  if (proc < 0) return;
  for (;;) {
    long size = CALL(__NR_getdents64, proc, buffer, sizeof buffer, 0, 0);
    if (size <= 0) break;
    for (long at = 0; at < size;) {
      struct directory_entry *entry = (struct directory_entry *)(buffer + at);
      add_process(entry->name);
      at += entry->size;
    }
  }
  sys_close(proc);
}

/* By binary search: /proc lists by ascending pid. */
static struct process *find_process(int pid) {
  int low = 0, high = process_count;
  while (low < high) {
    int middle = (low + high) / 2;
    if (processes[middle].pid < pid) low = middle + 1;
    else high = middle;
  }
  return low < process_count && processes[low].pid == pid ? &processes[low] : 0;
}

static void mark_descendants(int root) {
  for (int changed = 1; changed;) {
    changed = 0;
    for (int i = 0; i < process_count; i++) {
      if (processes[i].ours) continue;
      struct process *parent = find_process(processes[i].parent);
      if (processes[i].parent == root || (parent != 0 && parent->ours)) processes[i].ours = (char)(changed = 1);
    }
  }
}

/* Signals what was listed, unless the number has passed on to another process since. */
static void signal_listed(const struct process *listed, int signal) {
  struct process now;
  int folder = open_process(listed->pid);
  if (folder < 0) return;
  if (read_process(folder, &now) && now.started == listed->started) {
    long result = CALL(__NR_pidfd_send_signal, folder, signal, 0, 0, 0);
    if (result < 0 && result != -ESRCH) sys_kill(listed->pid, signal);
  }
  sys_close(folder);
}

/* Sends a signal to every descendant of `root`; returns how many of them could still run, and fork, until now. */
static int signal_descendants(int root, int signal) {
  int running = 0;
  list_processes();
  mark_descendants(root);
  for (int i = 0; i < process_count; i++) {
    const struct process *process = &processes[i];
    if (!process->ours || process->state == 'Z' || process->state == 'X') continue;
    if (process->state == 'R' || process->state == 'S') running++;
    signal_listed(process, signal);
  }
  return running;
}

/*
 * Kills the direct children alone, which takes microseconds: a process that forks and exits over and over is
 * another one by the time that a walk through /proc has found it, but each time it becomes our child.
 */
static void kill_children(int root) {
  static char text[65536];
  char path[64];
  put(put_number(put(put_number(put(path, "/proc/"), (unsigned long)root), "/task/"), (unsigned long)root), "/children");
  int fd = (int)sys_openat(AT_FDCWD, path, O_RDONLY);
  if (fd < 0) return;
  long size = sys_read(fd, text, sizeof text - 1);
  sys_close(fd);
  text[size > 0 ? size : 0] = '\0';
  /* Only we reap our children, so none of these numbers can have passed on. */
  for (const char *at = text; *at >= '1' && *at <= '9'; at = next_field(at)) sys_kill((int)to_number(at), SIGKILL);
}

#endif
