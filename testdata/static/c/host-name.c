// finds: sendmmsg recvfrom
// builds: O0 O2
// glibc asks for the function that resolves a name by that function's name, which is mentioned before the table of functions
// is reached.
#include <netdb.h>
int main(int count, char **words) {
  struct addrinfo *found;
  return getaddrinfo(words[count - 1], "80", 0, &found);
}
