// gap: shared-memory main mmap
// The same, made writable without the C library's function for it.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int count, char **arguments) {
  int file = open(arguments[count - 1], O_RDWR);
  pthread_mutex_t *mutex = mmap(0, 4096, PROT_READ, MAP_SHARED, file, 0);
  if (mutex == MAP_FAILED || syscall(SYS_mprotect, mutex, 4096, PROT_READ | PROT_WRITE) != 0) return 1;
  return pthread_mutex_lock(mutex) | pthread_mutex_unlock(mutex);
}
