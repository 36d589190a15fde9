// gap: shared-memory choose
// Both the mapping and the mutex are reached through pointers in data.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
static void *(*const map[])(void *, size_t, int, int, int, off_t) = {mmap};
static int (*const take[])(pthread_mutex_t *) = {pthread_mutex_lock};
__attribute__((noinline)) static int choose(int count, char **arguments) {
  pthread_mutex_t *mutex =
      map[count - 1](0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, open(arguments[count - 1], O_RDWR), 0);
  return mutex == MAP_FAILED || take[count - 1](mutex);
}
int main(int count, char **arguments) { return choose(count, arguments); }
