// finds: acct swapoff
// builds: O0 O2 nopie static
// Only the address of a member is mentioned; the function pointer lies before it in the same object.
#include <stddef.h>
#include "raw.h"
struct link { struct link *next; };
struct node { void (*run)(void); long padding[9]; struct link link; long more[5]; void (*later)(void); };
static void first(void) { raw(SYS_acct); }
static void second(void) { raw(SYS_swapoff); }
static struct node node = {first, {0}, {0}, {0}, second};
static struct link *volatile head = &node.link;
int main(void) {
  struct node *found = (struct node *)((char *)head - offsetof(struct node, link));
  found->run();
  found->later();
  return 0;
}
