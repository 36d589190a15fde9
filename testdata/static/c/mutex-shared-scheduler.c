// finds: sched_setscheduler sched_getscheduler sched_getparam sched_get_priority_max sched_get_priority_min
// no gap: shared-memory
// A program that makes all of these calls anyhow: what mutexes of others need is among them.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
int main(int count, char **arguments) {
  struct sched_param priority;
  sched_getparam(0, &priority);
  priority.sched_priority = sched_get_priority_max(count) + sched_get_priority_min(count);
  sched_setscheduler(0, sched_getscheduler(0) + count, &priority);
  pthread_mutex_t *mutex = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, open(arguments[count - 1], O_RDWR), 0);
  return mutex == MAP_FAILED || pthread_mutex_lock(mutex);
}
