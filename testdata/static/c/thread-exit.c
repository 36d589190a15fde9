// finds: clone3
// absent: accept connect sendto sendmmsg sched_setaffinity sched_setscheduler sched_getparam
// The end of a thread runs through sunrpc's clean-up, which does nothing in a thread that never used sunrpc.
#include <pthread.h>
static void *nothing(void *argument) { return argument; }
int main(void) {
  pthread_t thread;
  return pthread_create(&thread, 0, nothing, 0) != 0 || pthread_join(thread, 0) != 0;
}
