// finds: mkdir
// mkdtemp makes its folder through a table in the C library's constant data.
#include <stdlib.h>
int main(int count, char **arguments) { return mkdtemp(arguments[count - 1]) == 0; }
