// builds: nopie static
// finds: getpgid
// More pointers in data than a call takes arguments, which broke off the analysis of cc1 and of node.
#include "raw.h"

static long work(void) { return raw(SYS_getpgid); }
#define TEN(x) x, x, x, x, x, x, x, x, x, x
#define HUNDRED(x) TEN(x), TEN(x), TEN(x), TEN(x), TEN(x), TEN(x), TEN(x), TEN(x), TEN(x), TEN(x)
#define THOUSAND(x) TEN(HUNDRED(x))
long (*volatile table[][20000])(void) = {
    {TEN(THOUSAND(work)), TEN(THOUSAND(work))}, {TEN(THOUSAND(work)), TEN(THOUSAND(work))},
    {TEN(THOUSAND(work)), TEN(THOUSAND(work))}, {TEN(THOUSAND(work)), TEN(THOUSAND(work))},
    {TEN(THOUSAND(work)), TEN(THOUSAND(work))}, {TEN(THOUSAND(work)), TEN(THOUSAND(work))},
    {TEN(THOUSAND(work)), TEN(THOUSAND(work))}, {TEN(THOUSAND(work)), TEN(THOUSAND(work))},
};

int main(int count, char **arguments) { return table[count][count]() == 77; }
