// finds: acct swapoff
// The program reads the library's object, by a copy of its own where it is linked at a fixed address.
struct table { void (*run[4])(void); };
extern const struct table table;
int main(int argc, char **argv) { table.run[argc & 3](); return argv == 0; }
