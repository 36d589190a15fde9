// gap: shared-memory main mmap
// The mutex of another program is at an address that is a number.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#define PLACE 0x200000000
int main(int count, char **arguments) {
  int file = open(arguments[count - 1], O_RDWR);
  void *at = mmap((void *)PLACE, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
  return at == MAP_FAILED || pthread_mutex_lock((pthread_mutex_t *)PLACE);
}
