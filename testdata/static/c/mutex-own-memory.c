// absent: sched_setscheduler sched_getparam
// no gap: shared-memory
// Memory that only children of the same program share holds no mutex of another program.
#include <pthread.h>
#include <sys/mman.h>
int main(void) {
  pthread_mutex_t *mutex = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return mutex == MAP_FAILED || pthread_mutex_lock(mutex) | pthread_mutex_unlock(mutex);
}
