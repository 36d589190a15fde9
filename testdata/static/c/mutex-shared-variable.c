// gap: shared-memory main mmap
// A variable names the mutex of another program, or its own.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
static pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t *used = &own;
__attribute__((noinline)) static int take(pthread_mutex_t *mutex) { return pthread_mutex_lock(mutex); }
int main(int count, char **arguments) {
  if (count > 2) used = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, open(arguments[1], O_RDWR), 0);
  return take(&own) | take(used);
}
