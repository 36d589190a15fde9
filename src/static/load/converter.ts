import type { Module } from "../code/module.ts";
import type { ElfSymbol } from "../elf/symbols.ts";

/** Instructions that enter the kernel: SYSCALL, SYSENTER, INT 80h. */
const X86_ENTRIES: readonly Buffer[] = [
  Buffer.from([0x0f, 0x05]),
  Buffer.from([0x0f, 0x34]),
  Buffer.from([0xcd, 0x80]),
];

/** Whether any bytes of a module's code could be an instruction that enters the kernel. */
function mayEnterKernel(module: Module): boolean {
  const { elf } = module;
  return elf.code.some(({ start, end }) => {
    const offset = elf.offsetOf(start);
    if (offset < 0) return false;
    const code = Buffer.from(elf.bytes.buffer, elf.bytes.byteOffset + offset, end - start);
    if (module.machine.name === "x86_64") return X86_ENTRIES.some(bytes => code.includes(bytes));
    for (let at = 0; at + 4 <= code.length; at += 4)
      if (((code.readUInt32LE(at) & 0xffe0_001f) | 0) === (0xd400_0001 | 0)) return true;
    return false;
  });
}

/**
 * What a library that never enters the kernel by itself takes from others: all that it can cause is what these do. So the
 * many converters of character sets need not be read. Undefined when it must be: it enters the kernel, or it imports one of
 * `telling`, whose arguments matter.
 */
export function importsOnly(module: Module, telling: readonly string[]): readonly ElfSymbol[] | undefined {
  if (module.language !== undefined || mayEnterKernel(module)) return undefined;
  const imports = module.elf.dynamicSymbols.filter(s => s.section === 0 && s.name !== "");
  return imports.some(s => telling.includes(s.name)) ? undefined : imports;
}
