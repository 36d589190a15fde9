// gap: shared-memory main mmap
// A mutex that another program has made, in memory that is mapped to be read only at first.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
int main(int count, char **arguments) {
  int file = open(arguments[count - 1], O_RDWR);
  pthread_mutex_t *mutex = mmap(0, 4096, PROT_READ, MAP_SHARED, file, 0);
  if (mutex == MAP_FAILED || mprotect(mutex, 4096, PROT_READ | PROT_WRITE) != 0) return 1;
  return pthread_mutex_lock(mutex) | pthread_mutex_unlock(mutex);
}
