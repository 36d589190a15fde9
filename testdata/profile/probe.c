/*
 * Loads a filter that answers every call with an errno, makes calls, and stores what each returned.
 * probe FILTER CALLS RESULTS
 *   FILTER   struct sock_filter[]
 *   CALLS    records of eight 64-bit words: 0 for syscall or 1 for int 0x80, the number, six arguments
 *   RESULTS  made here: one 32-bit errno a call, 0 where the call was carried out
 * No system call works after the filter is loaded, exit included, so it ends by SIGILL.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct call {
	uint64_t compat, number, args[6];
};

long native_call(const uint64_t *args, uint64_t number);
long compat_call(const uint64_t *args, uint64_t number);

__asm__(".globl native_call\n"
	"native_call:\n"
	"	mov %rsi, %rax\n"
	"	mov %rdi, %r11\n"
	"	mov 0(%r11), %rdi\n"
	"	mov 8(%r11), %rsi\n"
	"	mov 16(%r11), %rdx\n"
	"	mov 24(%r11), %r10\n"
	"	mov 32(%r11), %r8\n"
	"	mov 40(%r11), %r9\n"
	"	syscall\n"
	"	ret\n"
	".globl compat_call\n"
	"compat_call:\n"
	"	push %rbx\n"
	"	push %rbp\n"
	"	mov %rsi, %rax\n"
	"	mov %rdi, %r11\n"
	"	mov 0(%r11), %rbx\n"
	"	mov 8(%r11), %rcx\n"
	"	mov 16(%r11), %rdx\n"
	"	mov 24(%r11), %rsi\n"
	"	mov 32(%r11), %rdi\n"
	"	mov 40(%r11), %rbp\n"
	"	int $0x80\n"
	"	pop %rbp\n"
	"	pop %rbx\n"
	"	ret\n");

static void *map(const char *path, size_t *size)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) < 0) {
		perror(path);
		exit(1);
	}
	*size = st.st_size;
	return mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
}

int main(int argc, char **argv)
{
	size_t filter_size, calls_size;
	if (argc != 4)
		return 1;
	struct sock_filter *filter = map(argv[1], &filter_size);
	struct call *calls = map(argv[2], &calls_size);
	size_t count = calls_size / sizeof(*calls);
	int fd = open(argv[3], O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || ftruncate(fd, count * sizeof(uint32_t)) < 0)
		return 1;
	uint32_t *results = mmap(NULL, count * sizeof(uint32_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none);
	struct sock_fprog program = { filter_size / sizeof(*filter), filter };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) {
		perror("seccomp");
		return 1;
	}
	for (size_t i = 0; i < count; i++) {
		long result = (calls[i].compat ? (long)(int)compat_call(calls[i].args, calls[i].number)
					       : native_call(calls[i].args, calls[i].number));
		results[i] = result < 0 && result >= -4095 ? -result : 0;
	}
	__builtin_trap();
}
