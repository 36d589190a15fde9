// finds: acct swapoff vhangup
// builds: O2 nopie static
// Hand-written code without unwind entries: a jump into the middle, a part that runs on into another one.
__asm__(".text\n.globl no_frame\nno_frame:\n"
        "mov $163, %eax\nxor %edi, %edi\njmp 1f\n"
        ".globl second\nsecond: mov $168, %eax\n"
        "1: syscall\nret\n"
        "3: mov $153, %eax\nsyscall\nret\n"
        ".globl third\nthird: test %edi, %edi\njnz 3b\nret\n");
void no_frame(void);
void second(void);
void third(int);
int main(int argc, char **argv) {
  (void)argv;
  no_frame();
  second();
  third(argc);
  return 0;
}
