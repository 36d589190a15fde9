/* Threads that each make a call of their own, with a barrier between them. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static pthread_barrier_t barrier;

static void *first(void *unused) {
  (void)unused;
  pthread_barrier_wait(&barrier);
  syscall(SYS_getppid);
  return NULL;
}

static void *second(void *unused) {
  (void)unused;
  struct sysinfo info;
  pthread_barrier_wait(&barrier);
  sysinfo(&info);
  return NULL;
}

int main(void) {
  pthread_t threads[2];
  pthread_barrier_init(&barrier, NULL, 2);
  pthread_create(&threads[0], NULL, first, NULL);
  pthread_create(&threads[1], NULL, second, NULL);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  return 0;
}
