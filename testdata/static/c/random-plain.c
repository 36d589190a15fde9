// finds: getrandom
// absent: ppoll
// The C library waits for /dev/random only where the kernel has no getrandom, as none with seccomp(2) is.
#include <stdlib.h>
int main(void) { return arc4random_uniform(3) == 1; }
