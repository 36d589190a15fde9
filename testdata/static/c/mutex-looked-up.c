// finds: sched_setscheduler sched_get_priority_min
// A mutex with priority protection, made by what dlsym finds.
#include <dlfcn.h>
#include <pthread.h>
int main(void) {
  pthread_mutex_t mutex;
  pthread_mutexattr_t attributes;
  int (*set)(pthread_mutexattr_t *, int) = dlsym(RTLD_DEFAULT, "pthread_mutexattr_setprotocol");
  pthread_mutexattr_init(&attributes);
  if (set != 0) set(&attributes, PTHREAD_PRIO_PROTECT);
  pthread_mutex_init(&mutex, &attributes);
  return pthread_mutex_lock(&mutex) | pthread_mutex_unlock(&mutex);
}
