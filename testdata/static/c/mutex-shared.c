// absent: sched_setscheduler
// gap: shared-memory main mmap
// A mutex that another program has made, with a protocol that nobody here asks for: nobody knows, and that is said.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
int main(int count, char **arguments) {
  int file = open(arguments[count - 1], O_RDWR);
  pthread_mutex_t *mutex = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  return mutex == MAP_FAILED || pthread_mutex_lock(mutex) | pthread_mutex_unlock(mutex);
}
