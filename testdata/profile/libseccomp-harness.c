/*
 * Hands profiles to libseccomp as runc does and prints the BPF that comes out.
 * Input, one profile after another:
 *   P DEFAULT-ACTION OPTIMIZE PFC  numbers; OPTIMIZE as SCMP_FLTATR_CTL_OPTIMIZE, PFC 1 for pseudo filter code
 *   A SCMP_ARCH-TOKEN              an architecture besides the native one
 *   R ACTION NAME COUNT [INDEX OP VALUE VALUETWO]...
 *   E
 * Output, one line a profile: the program in hexadecimal, or "error ERRNO", or "died SIGNAL".
 * Pseudo filter code is printed as it is, with a line "." after it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int enum_of(const char *op)
{
	static const char *names[] = { "NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ" };
	static const int values[] = { SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE, SCMP_CMP_EQ,
				      SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ };
	for (int i = 0; i < 7; i++)
		if (strcmp(op, names[i]) == 0)
			return values[i];
	abort();
}

static int add_rule(scmp_filter_ctx ctx, uint32_t fallback, char *line)
{
	struct scmp_arg_cmp args[64];
	unsigned action, count, seen = 0, repeated = 0;
	char name[80];
	int used;
	if (sscanf(line, "R %u %79s %u%n", &action, name, &count, &used) != 3 || count > 64)
		abort();
	if (action == fallback)
		return 0;
	int number = seccomp_syscall_resolve_name(name);
	if (number == __NR_SCMP_ERROR)
		return 0;
	char *at = line + used;
	for (unsigned i = 0; i < count; i++) {
		unsigned index;
		char op[16];
		uint64_t a, b;
		if (sscanf(at, " %u %15s %" SCNu64 " %" SCNu64 "%n", &index, op, &a, &b, &used) != 4)
			abort();
		at += used;
		repeated |= seen & (1u << index);
		seen |= 1u << index;
		args[i] = (struct scmp_arg_cmp){ index, enum_of(op), a, b };
	}
	if (!repeated)
		return seccomp_rule_add_array(ctx, action, number, count, args);
	for (unsigned i = 0; i < count; i++) {
		int rc = seccomp_rule_add_array(ctx, action, number, 1, &args[i]);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Runs in a child, so that a library that hangs or crashes ends only the profile. */
static void build(char **lines, int count, int out)
{
	uint32_t fallback;
	unsigned optimize, pfc;
	int rc = 0;
	alarm(5);
	sscanf(lines[0], "P %" SCNu32 " %u %u", &fallback, &optimize, &pfc);
	scmp_filter_ctx ctx = seccomp_init(fallback);
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, optimize);
	for (int i = 1; i < count && rc == 0; i++) {
		uint32_t token;
		if (sscanf(lines[i], "A %" SCNu32, &token) == 1) {
			rc = seccomp_arch_add(ctx, token);
			if (rc == -EEXIST)
				rc = 0;
		} else {
			rc = add_rule(ctx, fallback, lines[i]);
		}
	}
	if (rc < 0) {
		dprintf(out, "error %d", -rc);
		_exit(0);
	}
	if (pfc) {
		seccomp_export_pfc(ctx, out);
		dprintf(out, ".");
	} else if (seccomp_export_bpf(ctx, out) < 0)
		dprintf(out, "error export");
	_exit(0);
}

static void run(char **lines, int count)
{
	int fd = memfd_create("bpf", 0);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		build(lines, count, fd);
	int status;
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status)) {
		printf("died %d\n", WTERMSIG(status));
	} else {
		static unsigned char bytes[1 << 20];
		ssize_t size = pread(fd, bytes, sizeof(bytes), 0);
		if (size >= 5 && memcmp(bytes, "error", 5) == 0) {
			printf("%.*s\n", (int)size, bytes);
		} else if (size > 0 && bytes[size - 1] == '.') {
			printf("%.*s\n", (int)size, bytes);
		} else {
			for (ssize_t i = 0; i < size; i++)
				printf("%02x", bytes[i]);
			printf("\n");
		}
	}
	close(fd);
}

int main(void)
{
	static char *lines[100000];
	int count = 0;
	char *line = NULL;
	size_t room = 0;
	while (getline(&line, &room, stdin) > 0) {
		if (line[0] == 'E') {
			run(lines, count);
			for (int i = 0; i < count; i++)
				free(lines[i]);
			count = 0;
		} else if (count < 100000) {
			lines[count++] = strdup(line);
		}
	}
	free(line);
	return 0;
}
