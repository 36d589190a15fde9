// finds: sched_get_priority_max sched_get_priority_min
// Asking for a ceiling needs the range of priorities, without any mutex.
#include <pthread.h>
int main(void) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  return pthread_mutexattr_setprioceiling(&attributes, 1);
}
