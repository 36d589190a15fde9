// finds: i386:acct
// builds: O0 O2
// x86-64 code that enters the kernel by its 32-bit ABI.
int main(void) {
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(51), "b"(0) : "memory");
  return result == 0;
}
