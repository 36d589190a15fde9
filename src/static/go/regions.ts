import type { ElfFile } from "../elf/file.ts";
import { PF, Reloc } from "../elf/layout.ts";
import type { Region } from "./pclntab.ts";

/**
 * The loaded segments with the file's own relocations applied, data first: in a position-independent file Go's
 * tables hold their addresses only as relocations. Segments that nothing relocates are not copied.
 */
export function relocatedRegions(elf: ElfFile): Region[] {
  const regions = elf.loads.map(segment => ({
    address: segment.address,
    bytes: elf.bytes.subarray(segment.offset, segment.offset + segment.fileSize),
    executable: (segment.flags & PF.x) !== 0,
    copied: false,
  }));
  const { count, kind, address, addend } = elf.relocations;
  let region = regions[0];
  for (let i = 0; i < count; i++) {
    if (kind[i] !== Reloc.relative) continue;
    const at = address[i] ?? 0;
    if (region === undefined || at < region.address || at + 8 > region.address + region.bytes.length) {
      region = regions.find(r => at >= r.address && at + 8 <= r.address + r.bytes.length);
      if (region === undefined) continue;
    }
    if (!region.copied) {
      region.bytes = region.bytes.slice();
      region.copied = true;
    }
    const view = new DataView(region.bytes.buffer, region.bytes.byteOffset, region.bytes.length);
    const value = addend[i] ?? 0;
    view.setUint32(at - region.address, value >>> 0, true);
    view.setUint32(at - region.address + 4, Math.floor(value / 0x1_0000_0000) >>> 0, true);
  }
  return regions.sort((a, b) => Number(a.executable) - Number(b.executable));
}

/** Little-endian words by address; undefined outside of all regions or beyond 2^53. */
export class Words {
  readonly #views: { start: number; end: number; view: DataView }[];

  constructor(regions: readonly Region[]) {
    this.#views = regions.map(({ address, bytes }) => ({
      start: address,
      end: address + bytes.length,
      view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    }));
  }

  u64(address: number): number | undefined {
    for (const { start, end, view } of this.#views) {
      if (address < start || address + 8 > end) continue;
      const value = Number(view.getBigUint64(address - start, true));
      return Number.isSafeInteger(value) ? value : undefined;
    }
    return undefined;
  }

  /** At most `length` bytes from `address` on. */
  bytes(address: number, length: number): Uint8Array {
    for (const { start, end, view } of this.#views) {
      if (address < start || address >= end) continue;
      const size = Math.max(0, Math.min(length, end - address));
      return new Uint8Array(view.buffer, view.byteOffset + address - start, size);
    }
    return new Uint8Array();
  }
}
