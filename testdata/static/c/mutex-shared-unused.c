// no gap: shared-memory
// A file that is shared with other programs, and no mutexes but variables.
#include <fcntl.h>
#include <stdio.h>
#include <pthread.h>
#include <sys/mman.h>
static pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;
int main(int count, char **arguments) {
  char *text = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, open(arguments[count - 1], O_RDWR), 0);
  if (text == MAP_FAILED) return 1;
  pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&own);
  pthread_mutex_lock(&other);
  text[0]++;
  return puts("done") < 0;
}
