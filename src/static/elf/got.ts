import type { ElfImage, Range } from "./image.ts";
import { SHF } from "./layout.ts";

/** Ranges of the global offset table: each of its words counts only where code uses that very slot. */
export function gotRanges(elf: ElfImage): Range[] {
  return elf.sections
    .filter(s => /^\.got(\.|$)/.test(s.name) && (s.flags & SHF.alloc) !== 0)
    .map(s => ({ start: s.address, end: s.address + s.size }));
}
