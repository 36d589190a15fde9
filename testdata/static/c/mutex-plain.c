// absent: sched_setscheduler sched_getparam sched_get_priority_max sched_get_priority_min
// Priority protection is in every lock of a mutex, but runs only for a mutex that was made with it.
#include <pthread.h>
static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER;
int main(void) {
  pthread_mutex_t checked;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_init(&checked, &attributes);
  return pthread_mutex_lock(&plain) | pthread_mutex_lock(&checked) | pthread_mutex_unlock(&checked) |
         pthread_mutex_unlock(&plain);
}
