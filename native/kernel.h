/*
 * What a program without a C library needs: the entry point, raw system calls, a clone onto a stack of its own,
 * and the few string functions used. x86_64 and aarch64; only system calls that both have.
 */
#ifndef SECCRAFT_KERNEL_H
#define SECCRAFT_KERNEL_H

#include <asm/errno.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/filter.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/time_types.h>
#include <linux/types.h>
#include <linux/wait.h>

typedef __SIZE_TYPE__ size_t;

#ifndef AT_FDCWD
#define AT_FDCWD (-100)
#endif
#ifndef AT_REMOVEDIR
#define AT_REMOVEDIR 0x200
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#if defined(__x86_64__)

static inline long call6(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "  xor %ebp, %ebp\n"
        "  mov %rsp, %rdi\n"
        "  and $-16, %rsp\n"
        "  call start\n"
        "  ud2\n"
        "clone_onto_stack:\n"
        "  mov %rdx, %r9\n"
        "  xor %edx, %edx\n"
        "  xor %r10d, %r10d\n"
        "  xor %r8d, %r8d\n"
        "  mov $56, %eax\n" /* clone */
        "  syscall\n"
        "  test %rax, %rax\n"
        "  jnz 1f\n"
        "  xor %ebp, %ebp\n"
        "  call *%r9\n"
        "  ud2\n"
        "1: ret\n");

/* Ends the process without a system call, for a filter that lets none through. */
#define DIE_WITHOUT_SYSCALL() __asm__ volatile("ud2")

#elif defined(__aarch64__)

static inline long call6(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc #0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory", "cc");
  return x0;
}

__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "  mov x29, #0\n"
        "  mov x30, #0\n"
        "  mov x0, sp\n"
        "  and sp, x0, #-16\n"
        "  bl start\n"
        "  .inst 0\n"
        "clone_onto_stack:\n"
        "  mov x9, x2\n"
        "  mov x2, #0\n"
        "  mov x3, #0\n"
        "  mov x4, #0\n"
        "  mov x8, #220\n" /* clone */
        "  svc #0\n"
        "  cbnz x0, 1f\n"
        "  mov x29, #0\n"
        "  blr x9\n"
        "  .inst 0\n"
        "1: ret\n");

#define DIE_WITHOUT_SYSCALL() __asm__ volatile(".inst 0")

#else
#error "no launcher for this machine yet"
#endif

/* clone(2) whose child calls `entry` on `stack_top` and never comes back. Returns a pid or -errno. */
extern long clone_onto_stack(unsigned long flags, void *stack_top, void (*entry)(void));

#define CALL(number, a, b, c, d, e) \
  call6((number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)

static inline long sys_read(int fd, void *data, size_t size) { return CALL(__NR_read, fd, data, size, 0, 0); }
static inline long sys_write(int fd, const void *data, size_t size) {
  return CALL(__NR_write, fd, data, size, 0, 0);
}
static inline long sys_openat(int folder, const char *name, int flags) {
  return CALL(__NR_openat, folder, name, flags | O_CLOEXEC, 0, 0);
}
static inline long sys_close(int fd) { return CALL(__NR_close, fd, 0, 0, 0, 0); }
static inline long sys_getpid(void) { return CALL(__NR_getpid, 0, 0, 0, 0, 0); }
static inline long sys_kill(int pid, int signal) { return CALL(__NR_kill, pid, signal, 0, 0, 0); }
static inline long sys_prctl(int option, long a) { return CALL(__NR_prctl, option, a, 0, 0, 0); }
static inline long sys_block_signals(const __u64 *set, __u64 *old) {
  return CALL(__NR_rt_sigprocmask, SIG_SETMASK, set, old, sizeof *set, 0);
}
static inline void sys_nap(long microseconds) {
  struct __kernel_timespec time = {0, microseconds * 1000};
  CALL(__NR_ppoll, 0, 0, &time, 0, 0);
}
static inline void sys_exit(int code) {
  CALL(__NR_exit_group, code, 0, 0, 0, 0);
  DIE_WITHOUT_SYSCALL();
  __builtin_unreachable();
}

static inline size_t length_of(const char *text) {
  size_t length = 0;
  while (text[length] != '\0') length++;
  return length;
}

static inline int equal(const char *a, const char *b) {
  while (*a != '\0' && *a == *b) a++, b++;
  return *a == *b;
}

/* What follows `prefix` in `text`, or 0. */
static inline const char *after(const char *text, const char *prefix) {
  while (*prefix != '\0') {
    if (*text++ != *prefix++) return 0;
  }
  return text;
}

static inline unsigned long to_number(const char *text) {
  unsigned long value = 0;
  while (*text >= '0' && *text <= '9') value = value * 10 + (unsigned long)(*text++ - '0');
  return value;
}

/* Appends text or a number to a string that ends at `end`; returns the new end. The caller sees to the space. */
static inline char *put(char *end, const char *text) {
  while (*text != '\0') *end++ = *text++;
  *end = '\0';
  return end;
}

static inline char *put_number(char *end, unsigned long value) {
  char digits[24];
  int count = 0;
  do digits[count++] = (char)('0' + value % 10);
  while ((value /= 10) != 0);
  while (count > 0) *end++ = digits[--count];
  *end = '\0';
  return end;
}

/* Compilers call these two for initialisers and copies of structures even in a freestanding program. */
void *memset(void *to, int value, size_t size) {
  volatile char *bytes = to;
  while (size-- > 0) *bytes++ = (char)value;
  return to;
}

void *memcpy(void *to, const void *from, size_t size) {
  volatile char *out = to;
  const char *in = from;
  while (size-- > 0) *out++ = *in++;
  return to;
}

#endif
