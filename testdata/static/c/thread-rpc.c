// finds: clone3 connect sendto
// builds: O0 O2
// A function of sunrpc, found by its name, sets the thread's variable: the clean-up at the end of a thread then runs.
#include <dlfcn.h>
#include <pthread.h>
static void *registers(void *argument) {
  void (*unregister)(unsigned long, unsigned long) = dlsym(RTLD_DEFAULT, "svc_exit");
  if (unregister != 0) unregister(1, 1);
  return argument;
}
int main(void) {
  pthread_t thread;
  return pthread_create(&thread, 0, registers, 0) != 0 || pthread_join(thread, 0) != 0;
}
