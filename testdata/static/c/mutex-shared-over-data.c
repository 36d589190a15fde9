// gap: shared-memory main mmap
// The mutex of another program takes the place of a variable.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
static union { pthread_mutex_t mutex; char page[8192]; } own __attribute__((aligned(4096)));
int main(int count, char **arguments) {
  int file = open(arguments[count - 1], O_RDWR);
  void *at = mmap(&own, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
  return at == MAP_FAILED || pthread_mutex_lock(&own.mutex);
}
