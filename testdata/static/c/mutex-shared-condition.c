// gap: shared-memory main mmap
// The mutex of another program is taken by a function for something else.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
int main(int count, char **arguments) {
  struct { pthread_cond_t changed; pthread_mutex_t mutex; } *shared =
      mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, open(arguments[count - 1], O_RDWR), 0);
  return shared == MAP_FAILED || pthread_cond_wait(&shared->changed, &shared->mutex);
}
