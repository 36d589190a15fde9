// finds: acct
// The library's own code exchanges one of its pointers for another one.
void *exchanged(void *other);
int main(int argc, char **argv) { ((void (*)(void))exchanged(argv))(); return argc; }
