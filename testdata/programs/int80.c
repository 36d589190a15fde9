/* A 64-bit program that makes one call by the 32-bit gate: number 20 is getpid there, writev here. */
int main(void) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
  return result > 0 ? 0 : 1;
}
