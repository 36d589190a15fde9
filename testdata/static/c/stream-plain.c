// absent: wait4 mkdir
// Streams without popen, and translations, whose tables lie next to that of mkdtemp.
#include <libintl.h>
#include <stdio.h>
int main(int count, char **arguments) {
  FILE *stream = fopen(arguments[count - 1], "r");
  return stream == 0 || puts(gettext(arguments[0])) < 0 || fclose(stream) != 0;
}
