import { ElfFile } from "../../src/static/elf/file.ts";
import { Random } from "./random.ts";

/** Values that readers of binary formats trip over. */
const NASTY: readonly bigint[] = [
  0n,
  1n,
  7n,
  0x7fn,
  0xffn,
  0xffffn,
  0x7fff_ffffn,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x1f_ffff_ffff_ffffn,
  0x7fff_ffff_ffff_ffffn,
  0xffff_ffff_ffff_ffffn,
];

/** Places of a file that its readers go by, as offset and length. */
export function tablesOf(bytes: Uint8Array): [number, number][] {
  const elf = new ElfFile("seed", bytes);
  const tables: [number, number][] = [
    [0, 64],
    [elf.u64At(32) ?? 64, elf.segments.length * 56],
    [elf.u64At(40) ?? 64, elf.sections.length * 64],
  ];
  for (const s of elf.segments) if (s.type !== 1) tables.push([s.offset, s.fileSize]);
  for (const s of elf.sections) {
    if (
      /symtab|dynsym|strtab|dynstr|rel|note|gnu|eh_frame|gcc_except|dynamic|got|array|pclntab|module|go|text/.test(
        s.name,
      )
    ) {
      tables.push([s.offset, s.type === 8 ? 0 : s.size]);
    }
  }
  return tables.filter(([at, size]) => size > 0 && at + size <= bytes.length);
}

/** A damaged copy: words in tables replaced, bytes changed, ranges moved, or the end cut off. */
export function mutate(bytes: Uint8Array, tables: readonly [number, number][], seed: number): Uint8Array {
  const random = new Random(seed);
  const below = (limit: number): number => random.below(limit);
  let copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  for (let n = 1 + below(12); n > 0; n--) {
    const [start, size] = tables[below(tables.length)] ?? [0, 64];
    const at = start + below(size);
    const kind = below(4);
    if (kind === 0) copy[at] = below(256);
    else if (kind === 1 && at + 8 <= copy.length)
      view.setBigUint64(at & ~7, NASTY[below(NASTY.length)] ?? 0n, true);
    else if (kind === 2 && at + 4 <= copy.length) view.setUint32(at & ~3, below(2 ** 32), true);
    else {
      const from = below(copy.length);
      copy.copyWithin(at, from, from + below(64));
    }
  }
  if (below(8) === 0) copy = copy.subarray(0, below(copy.length));
  return copy;
}
