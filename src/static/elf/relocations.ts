import type { ElfImage } from "./image.ts";
import { DT, relocKind, Reloc } from "./layout.ts";
import type { Dynamic } from "./dynamic.ts";

/** Relocations as columns. Rows are in the order of the file. */
export interface Relocations {
  readonly count: number;
  /** Virtual address of the word that is changed. */
  readonly address: Float64Array;
  /** One of `Reloc`. */
  readonly kind: Uint8Array;
  /** Addend, or for `relative` and `irelative` the address that is meant. */
  readonly addend: Float64Array;
  /** Index in the dynamic symbol table; 0 is none. */
  readonly symbol: Int32Array;
}

/** More than any real file has. */
const MAX_RELOCATIONS = 8_000_000;

function grow<T extends Float64Array | Uint8Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

class Columns {
  count = 0;
  address = new Float64Array(1024);
  kind = new Uint8Array(1024);
  addend = new Float64Array(1024);
  symbol = new Int32Array(1024);

  add(elf: ElfImage, address: number, kind: number, addend: number, symbol: number): void {
    // Each fills a word of its own; a damaged RELR could claim 63 for each 8 bytes of the file.
    if (this.count >= Math.min(MAX_RELOCATIONS, elf.bytes.length / 8)) elf.fail("too many relocations");
    if (this.count === this.address.length) {
      const size = this.count * 2;
      this.address = grow(this.address, new Float64Array(size));
      this.kind = grow(this.kind, new Uint8Array(size));
      this.addend = grow(this.addend, new Float64Array(size));
      this.symbol = grow(this.symbol, new Int32Array(size));
    }
    this.address[this.count] = address;
    this.kind[this.count] = kind;
    this.addend[this.count] = addend;
    this.symbol[this.count] = symbol;
    this.count++;
  }
}

function signed64(elf: ElfImage, offset: number): number {
  return elf.view.getInt32(offset + 4, true) * 0x1_0000_0000 + elf.view.getUint32(offset, true);
}

function readRela(elf: ElfImage, table: number, size: number, columns: Columns): void {
  const start = elf.offsetOf(table);
  if (start < 0) return;
  const end = Math.min(start + size, elf.bytes.length, start + elf.bytesFrom(table));
  for (let at = start; at + 24 <= end; at += 24) {
    const address = elf.u64At(at);
    if (address === undefined) continue;
    const kind = relocKind(elf.machine, elf.view.getUint32(at + 8, true));
    columns.add(elf, address, kind, signed64(elf, at + 16), elf.view.getUint32(at + 12, true) | 0);
  }
}

/** RELR: an even word is an address, an odd one a bit map of the 63 words after the last address. The addend is in place. */
function readRelr(elf: ElfImage, table: number, size: number, columns: Columns): void {
  const start = elf.offsetOf(table);
  if (start < 0) return;
  const end = Math.min(start + size, elf.bytes.length, start + elf.bytesFrom(table));
  const add = (address: number): void => {
    const value = elf.u64(address);
    if (value !== undefined) columns.add(elf, address, Reloc.relative, value, 0);
  };
  let next = 0;
  for (let at = start; at + 8 <= end; at += 8) {
    const low = elf.view.getUint32(at, true);
    const high = elf.view.getUint32(at + 4, true);
    if ((low & 1) === 0) {
      const address = high * 0x1_0000_0000 + low;
      add(address);
      next = address + 8;
      continue;
    }
    for (let bit = 1; bit < 64; bit++) {
      const set = bit < 32 ? (low >>> bit) & 1 : (high >>> (bit - 32)) & 1;
      if (set === 1) add(next + (bit - 1) * 8);
    }
    next += 63 * 8;
  }
}

/** All dynamic relocations: RELA, those of the PLT, and RELR. A static file has at most those that its start code applies. */
export function readRelocations(elf: ElfImage, dynamic: Dynamic | undefined): Relocations {
  const columns = new Columns();
  if (dynamic !== undefined) {
    const get = (tag: number): number => dynamic.values.get(tag) ?? 0;
    readRela(elf, get(DT.rela), get(DT.relaSize), columns);
    if (get(DT.pltRel) === DT.rela) readRela(elf, get(DT.jmpRel), get(DT.pltRelSize), columns);
    readRelr(elf, get(DT.relr), get(DT.relrSize), columns);
  }
  // A static non-PIE file has IRELATIVE relocations that only its section headers or __rela_iplt_start name.
  if (dynamic === undefined) {
    for (const section of elf.sections) {
      if (section.type === 4 && (section.flags & 2) !== 0)
        readRela(elf, section.address, section.size, columns);
    }
  }
  return columns;
}
