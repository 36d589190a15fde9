// finds: acct
// The library's own code writes one of its pointers, and gets what was there before.
void *exchanged(void *other);
int main(int argc, char **argv) { ((void (*)(void))exchanged(argv))(); return argc; }
