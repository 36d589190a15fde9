// finds: wait4 clone3
// A stream's functions stand in a table of the C library that only popen mentions; fclose runs one of them.
#include <stdio.h>
int main(int count, char **arguments) {
  FILE *stream = popen(arguments[count - 1], "r");
  return stream == 0 || fclose(stream) != 0;
}
