// finds: tee sync_file_range msgrcv
// builds: O0 O2 static
// Cancellation points: newer C libraries pass the number to a common function.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/msg.h>
int main(void) {
  char message[64];
  tee(0, 1, 1, 0);
  sync_file_range(0, 0, 0, 0);
  msgrcv(0, message, 8, 0, IPC_NOWAIT);
  return 0;
}
