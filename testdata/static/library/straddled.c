// finds: acct
// The library's own code reads a number and the pointer after it at once.
void straddled(void **to);
int main(int argc, char **argv) { void *to[2]; straddled(to); ((void (*)(void))to[argc & 1])(); return argv == 0; }
