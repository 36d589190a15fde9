// finds: setuid setgid setresuid
// builds: O2 static
// glibc tells all threads to make these calls: the number travels through memory to a signal handler.
#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>
static void *sleeps(void *unused) {
  pause();
  return unused;
}
int main(void) {
  pthread_t thread;
  pthread_create(&thread, 0, sleeps, 0);
  return setgid(0) | setuid(0) | setresuid(-1, -1, -1);
}
