// absent: acct swapoff
// Nothing mentions the library's data.
int plain(int n);
int main(int argc, char **argv) { return plain(argc) + (argv == 0); }
