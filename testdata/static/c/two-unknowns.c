// builds: O2 nopie static
// unresolved: 2
// Two functions hand numbers that nobody knows to syscall(): each is a gap of its own, so that a hint for one leaves the other.
#include <stdlib.h>
#include <unistd.h>
#include <sys/syscall.h>

__attribute__((noinline, noclone)) long first(const char *text) { return syscall(atol(text)) + 1; }
__attribute__((noinline, noclone)) long second(const char *text) { return syscall(atol(text) + 1) + 2; }
int main(int count, char **arguments) { return first(arguments[count]) + second(arguments[0]) == 77; }
