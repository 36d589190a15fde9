// finds: getrandom ppoll
// A program that waits by the same call for something else.
#define _GNU_SOURCE
#include <poll.h>
#include <stdlib.h>
int main(void) { return arc4random_uniform(3) == 1 || ppoll(0, 0, 0, 0) < 0; }
