// finds: acct swapoff
// The library's own code mentions an address before the table.
void by_index(int i);
int main(int argc, char **argv) { by_index(argc + (argv == 0)); return 0; }
