import type { Module } from "../code/module.ts";
import { SHF, PF } from "../elf/layout.ts";

const MAX_STRINGS = 4000;
const SLASH = 0x2f;

/** Absolute paths of at least two parts among the constants of a module, sorted; lists split at their colons. */
export function absolutePaths(module: Module): string[] {
  const found = new Set<string>();
  const { elf } = module;
  const parts =
    elf.sections.length > 0
      ? elf.sections
          .filter(
            s => (s.flags & SHF.alloc) !== 0 && (s.flags & (SHF.exec | SHF.write)) === 0 && s.type === 1,
          )
          .map(s => ({ offset: s.offset, size: s.size }))
      : elf.loads.filter(s => (s.flags & PF.w) === 0).map(s => ({ offset: s.offset, size: s.fileSize }));
  for (const part of parts) {
    const end = Math.min(elf.bytes.length, part.offset + part.size);
    for (let at = part.offset; at < end && found.size < MAX_STRINGS; at++) {
      at = elf.bytes.indexOf(SLASH, at);
      if (at < 0 || at >= end) break;
      if (at > 0 && elf.bytes[at - 1] !== 0) continue;
      const text = elf.stringAt(at);
      if (text === undefined) continue;
      for (const piece of text.split(":"))
        if (/^\/[\w.+-]+\/[\w./+-]+$/.test(piece)) found.add(piece.replace(/\/+$/, ""));
      at += text.length;
    }
  }
  return [...found].sort();
}
