// finds: acct swapoff
// A pointer in the program's data leads to the library's object.
struct table { void (*run[4])(void); };
extern const struct table table;
static const struct table *volatile way = &table;
int main(int argc, char **argv) { way->run[argc & 3](); return argv == 0; }
