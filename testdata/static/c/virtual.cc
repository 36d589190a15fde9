// finds: acct swapoff
// builds: O0 O2 static nopie
// A virtual method, and the destructor of a thread-local object.
#include "raw.h"
struct Base {
  virtual void run() = 0;
  virtual ~Base() {}
};
struct Derived : Base {
  void run() override { raw(SYS_acct); }
};
struct Local {
  int touched = 0;
  ~Local() { raw(SYS_swapoff); }
};
thread_local Local local;
__attribute__((noinline)) static Base *make() { return new Derived; }
int main(int argc, char **) {
  local.touched = argc;
  Base *base = make();
  base->run();
  delete base;
}
