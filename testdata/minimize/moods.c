/*
 * moods REACTION          calls uname(2) once, and reacts to a denial in its own way
 * moods REACTION PORT     serves HTTP on 127.0.0.1:PORT, and answers with status 500 when it is denied
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static void nap(long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, 0);
}

static void serve(int port) {
  static const char good[] = "HTTP/1.0 200 OK\r\n\r\n", bad[] = "HTTP/1.0 500 Sorry\r\n\r\n";
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct utsname name;
  char request[1024];
  int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 8) < 0) exit(1);
  for (;;) {
    int client = accept(server, 0, 0);
    if (client < 0) exit(1);
    if (read(client, request, sizeof request) > 0) {
      const char *answer = uname(&name) == 0 ? good : bad;
      if (write(client, answer, strlen(answer)) < 0) exit(1);
    }
    close(client);
  }
}

int main(int argc, char **argv) {
  const char *mood = argv[1];
  struct utsname name;
  if (argc > 2) serve(atoi(argv[2]));
  if (!strcmp(mood, "slow")) nap(150);
  int denied = uname(&name) != 0, error = errno;
  if (!strcmp(mood, "log") && denied) {
    static const char line[] = "error: no name\n";
    int file = open("app.log", O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (write(file, line, strlen(line)) < 0) return 1;
  }
  if (!strcmp(mood, "exit") && denied) return 3;
  if (!strcmp(mood, "fallback") && denied && error != ENOSYS) return 4;
  if (!strcmp(mood, "complain") && denied) fprintf(stderr, "error: no name\n");
  if (!strcmp(mood, "slow") && denied) nap(900);
  if (!strcmp(mood, "hang") && denied) nap(60000);
  printf(!strcmp(mood, "word") && denied ? "poor\n" : "fine\n");
  printf("pid %d\n", (int)getpid());
  return 0;
}
