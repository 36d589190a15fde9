import type { Range } from "../elf/image.ts";
import type { Pclntab, PclntabLayout, Region } from "./pclntab.ts";
import type { Words } from "./regions.ts";

/** What the runtime knows about the program's parts. Layout: `moduledata` in runtime/symtab.go. */
export interface Moduledata {
  readonly address: number;
  /** What offsets of functions count from: the symbol runtime.text. */
  readonly text: number;
  readonly etext: number;
  /** Exclusive end of the pclntab. */
  readonly pclntabEnd: number;
  /** Where type descriptors are; undefined when the fields make no sense. */
  readonly types: Range | undefined;
}

/** Indices of words. The slices before `text` are the same since 1.16; coverage counters came with 1.20. */
interface Layout {
  readonly pclntable: number;
  readonly text: number;
  readonly types: number;
}
const LAYOUTS: Readonly<Record<PclntabLayout, Layout>> = {
  "1.2": { pclntable: 0, text: 12, types: 25 },
  "1.16": { pclntable: 13, text: 22, types: 35 },
  "1.18": { pclntable: 13, text: 22, types: 35 },
  "1.20": { pclntable: 13, text: 22, types: 37 },
};

/** Finds moduledata by the pointer to the pclntab that it starts with; undefined when there is none that makes sense. */
export function findModuledata(
  regions: readonly Region[],
  words: Words,
  table: Pclntab,
): Moduledata | undefined {
  const pattern = new Uint8Array(8);
  new DataView(pattern.buffer).setBigUint64(0, BigInt(table.address), true);
  for (const region of regions) {
    if (region.executable) continue;
    const buffer = Buffer.from(region.bytes.buffer, region.bytes.byteOffset, region.bytes.length);
    for (let at = buffer.indexOf(pattern); at >= 0; at = buffer.indexOf(pattern, at + 1)) {
      const found = readModuledata(words, region.address + at, table);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function readModuledata(words: Words, address: number, table: Pclntab): Moduledata | undefined {
  if (address % 8 !== 0) return undefined;
  const word = (index: number): number => words.u64(address + 8 * index) ?? -1;
  if (table.layout !== "1.2" && word(1) !== table.namesAddress) return undefined;
  const layout = LAYOUTS[table.layout];
  const { pclntable, text: at } = layout;
  const [minimum, maximum, text, etext] = [word(at - 2), word(at - 1), word(at), word(at + 1)];
  if (text < 0 || text > minimum || minimum >= maximum || maximum > etext + 1) return undefined;
  const pclntabEnd = word(pclntable) + word(pclntable + 1);
  if (word(pclntable) < table.address || word(pclntable + 1) < 0) return undefined;
  const start = word(layout.types);
  // 1.27 put the length of the descriptors between the two.
  const end = word(layout.types + 1) < start ? word(layout.types + 2) : word(layout.types + 1);
  const types = start > 0 && end >= start && words.bytes(start, end - start).length === end - start;
  return { address, text, etext, pclntabEnd, types: types ? { start, end } : undefined };
}
