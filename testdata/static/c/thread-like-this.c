// finds: clone3 sched_setaffinity
// A thread with the attributes of the one that runs, its processors among them.
#define _GNU_SOURCE
#include <pthread.h>
static void *nothing(void *argument) { return argument; }
int main(void) {
  pthread_t thread;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 1;
  return pthread_create(&thread, &attributes, nothing, 0) != 0 || pthread_join(thread, 0) != 0;
}
