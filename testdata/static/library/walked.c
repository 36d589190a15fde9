// finds: acct swapoff
// The library's own code takes the address of the number beside its pointers, and walks on from there.
void walked(int n);
int main(int argc, char **argv) { walked(argc); return argv == 0; }
