// gap: shared-memory main syscall
// The same, with memory of System V and without the C library's function for it.
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int count, char **arguments) {
  pthread_mutex_t *mutex = (pthread_mutex_t *)syscall(SYS_shmat, count, 0, 0);
  return pthread_mutex_lock(mutex) | pthread_mutex_unlock(mutex);
}
