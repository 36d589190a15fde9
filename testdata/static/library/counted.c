// absent: acct swapoff
// The library's own code counts in a variable beside its pointers, and reads a number there.
int counted(int n);
int main(int argc, char **argv) { return counted(argc) + (argv == 0); }
