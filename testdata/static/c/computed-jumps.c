// finds: sethostname
// builds: O2
// Code as Haskell's compiler makes it: nothing says where functions are, each piece is in a table and ends with a computed
// jump. Reading on behind each of them would read nearly everything once for each piece.
extern void *const pieces[];
__asm__(".text\n"
        ".rept 30000\n"
        "1: add $8, %rbp\n mov 8(%rbx), %rax\n jmp *(%rbp)\n"
        ".byte 0x0f\n" // What lies between two pieces is data, which throws a reading in order out of step.
        ".pushsection .data.rel.ro, \"aw\"\n .quad 1b\n .popsection\n"
        ".endr\n"
        "mov $170, %eax\n syscall\n jmp *(%rbp)\n"
        ".pushsection .data.rel.ro, \"aw\"\n .globl pieces\n .set pieces, . - 8 * 30000\n .popsection\n");
int main(int count, char **words) {
  void (*piece)(char **) = (void (*)(char **))pieces[count];
  piece(words);
  return 0;
}
