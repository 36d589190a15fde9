// gap: shared-memory main mmap
// What takes the mutex of another program is found by its name.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
int main(int count, char **arguments) {
  int (*take)(pthread_mutex_t *) = dlsym(RTLD_DEFAULT, "pthread_mutex_lock");
  pthread_mutex_t *mutex = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, open(arguments[count - 1], O_RDWR), 0);
  return mutex == MAP_FAILED || take == 0 || take(mutex);
}
