// finds: sched_setscheduler sched_getscheduler sched_getparam sched_get_priority_max
// builds: O0 O2 static
// A mutex with priority protection, whose making is hidden behind a pointer in data.
#include <pthread.h>
static int (*const set[])(pthread_mutexattr_t *, int) = {pthread_mutexattr_setprotocol};
int main(int count, char **arguments) {
  pthread_mutex_t mutex;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  set[count - 1](&attributes, PTHREAD_PRIO_PROTECT);
  pthread_mutex_init(&mutex, &attributes);
  return pthread_mutex_lock(&mutex) | pthread_mutex_unlock(&mutex);
}
