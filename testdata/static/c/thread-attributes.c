// finds: clone3 sched_setaffinity sched_setscheduler
// A thread with processors and a policy of its own.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
static void *nothing(void *argument) { return argument; }
int main(void) {
  pthread_t thread;
  pthread_attr_t attributes;
  cpu_set_t processors;
  CPU_ZERO(&processors);
  CPU_SET(0, &processors);
  pthread_attr_init(&attributes);
  pthread_attr_setaffinity_np(&attributes, sizeof processors, &processors);
  pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
  pthread_attr_setschedpolicy(&attributes, SCHED_BATCH);
  return pthread_create(&thread, &attributes, nothing, 0) != 0 || pthread_join(thread, 0) != 0;
}
