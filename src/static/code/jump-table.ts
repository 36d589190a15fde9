import { Reloc } from "../elf/layout.ts";
import type { Body } from "./body.ts";

const MAX_ENTRIES = 8192;

/**
 * Indices of the instructions that jump tables of a function lead to. Every address in data that the function mentions
 * may be the base of a table of 4-byte offsets relative to it, or of 8-byte addresses; entries count while they hit an
 * instruction of the function and lie before `limit`. A word that hits one by chance costs precision only.
 */
export function jumpTableTargets(
  body: Body,
  data: readonly number[],
  limit: number = Number.POSITIVE_INFINITY,
): number[] {
  const targets = new Set<number>();
  for (const base of new Set(data)) {
    if (body.module.elf.isCode(base)) continue;
    for (let i = 0; i < MAX_ENTRIES && base + i * 4 < limit; i++) {
      const offset = body.module.elf.i32(base + i * 4);
      const index = offset === undefined ? -1 : body.indexOf(base + offset);
      if (index < 0) break;
      targets.add(index);
    }
    for (let i = 0; i < MAX_ENTRIES && base + i * 8 < limit; i++) {
      const index = body.indexOf(addressAt(body, base + i * 8));
      if (index < 0) break;
      targets.add(index);
    }
  }
  return [...targets];
}

/** The address that a word of data holds after relocation. */
function addressAt(body: Body, at: number): number {
  const { relocations } = body.module.elf;
  const row = body.module.slots.get(at);
  if (row !== undefined && relocations.kind[row] === Reloc.relative) return relocations.addend[row] ?? -1;
  return body.module.elf.u64(at) ?? -1;
}
