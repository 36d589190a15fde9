import { createHash } from "node:crypto";
import { InputError } from "../../errors.ts";
import { ElfFile } from "../elf/file.ts";
import type { ElfSymbol } from "../elf/symbols.ts";

/** A library that is known by what it takes from others. */
export interface Converter {
  readonly path: string;
  /** Of the whole file, in hexadecimal. */
  readonly sha256: string;
  readonly elf: ElfFile;
  readonly imports: readonly ElfSymbol[];
}

/** Instructions that enter the kernel: SYSCALL, SYSENTER, INT 80h. */
const X86_ENTRIES: readonly Buffer[] = [
  Buffer.from([0x0f, 0x05]),
  Buffer.from([0x0f, 0x34]),
  Buffer.from([0xcd, 0x80]),
];

/** Whether any bytes of a file's code could be an instruction that enters the kernel. */
function mayEnterKernel(elf: ElfFile): boolean {
  return elf.code.some(({ start, end }) => {
    const offset = elf.offsetOf(start);
    if (offset < 0) return false;
    const code = Buffer.from(elf.bytes.buffer, elf.bytes.byteOffset + offset, end - start);
    if (elf.machine === "x86_64") return X86_ENTRIES.some(bytes => code.includes(bytes));
    for (let at = 0; at + 4 <= code.length; at += 4)
      if (((code.readUInt32LE(at) & 0xffe0_001f) | 0) === (0xd400_0001 | 0)) return true;
    return false;
  });
}

/**
 * What a library that never enters the kernel by itself takes from others: all that it can cause is what these do. So the
 * many converters of character sets need not be read. Undefined when it must be: it enters the kernel, it imports one of
 * `telling`, whose arguments matter, or it is no library for this machine.
 */
export function readConverter(
  path: string,
  bytes: Uint8Array,
  machine: ElfFile["machine"],
  telling: readonly string[],
): Converter | undefined {
  try {
    const elf = new ElfFile(path, bytes);
    if (elf.machine !== machine || mayEnterKernel(elf)) return undefined;
    const imports = elf.dynamicSymbols.filter(s => s.section === 0 && s.name !== "");
    if (imports.some(s => telling.includes(s.name))) return undefined;
    return { path, sha256: createHash("sha256").update(bytes).digest("hex"), elf, imports };
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
