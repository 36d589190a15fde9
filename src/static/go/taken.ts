import type { Range } from "../elf/image.ts";
import type { KnownFunction } from "../model.ts";
import type { Region } from "./pclntab.ts";

/**
 * Functions whose address stands somewhere in the data, so that a call of them need not be visible:
 * function values, itabs, package initialisers and globals hold it as a word, method tables as an offset from the text's start.
 * What code computes (LEA, ADRP) is not in here. The pclntab itself names every function and is left out.
 */
export function functionsNamedByData(
  functions: readonly KnownFunction[],
  regions: readonly Region[],
  text: number,
  types: Range,
  pclntab: Range,
): Set<number> {
  const starts = new StartSet(functions);
  const taken = new Set<number>();
  for (const region of regions) {
    if (region.executable) continue;
    for (const part of without(region, pclntab)) collectWords(part, starts, taken);
    collectOffsets(region, types, text, starts, taken);
  }
  return taken;
}

/** Membership by a bit per address, because tens of millions of words are asked for. */
class StartSet {
  readonly low: number;
  readonly high: number;
  readonly #bits: Uint8Array;

  constructor(functions: readonly KnownFunction[]) {
    this.low = functions[0]?.start ?? 0;
    this.high = (functions.at(-1)?.start ?? -1) + 1;
    this.#bits = new Uint8Array(Math.ceil((this.high - this.low) / 8) + 1);
    for (const { start } of functions) {
      const at = start - this.low;
      this.#bits[at >>> 3] = (this.#bits[at >>> 3] ?? 0) | (1 << (at & 7));
    }
  }

  has(address: number): boolean {
    if (address < this.low || address >= this.high) return false;
    const at = address - this.low;
    return (((this.#bits[at >>> 3] ?? 0) >>> (at & 7)) & 1) === 1;
  }
}

function without(region: Region, hole: Range): Region[] {
  const end = region.address + region.bytes.length;
  if (hole.end <= region.address || hole.start >= end) return [region];
  const cut = (from: number, to: number): Region => ({
    ...region,
    address: from,
    bytes: region.bytes.subarray(from - region.address, to - region.address),
  });
  return [cut(region.address, Math.max(region.address, hole.start)), cut(Math.min(hole.end, end), end)];
}

function collectWords(region: Region, starts: StartSet, taken: Set<number>): void {
  const { bytes, address } = region;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // Pointers are aligned by their address, not by their place in the file.
  for (let at = (8 - (address % 8)) % 8; at + 8 <= bytes.length; at += 8) {
    const high = view.getUint32(at + 4, true);
    if (high > 0xff) continue;
    const value = high * 0x1_0000_0000 + view.getUint32(at, true);
    if (starts.has(value)) taken.add(value);
  }
}

function collectOffsets(
  region: Region,
  types: Range,
  text: number,
  starts: StartSet,
  taken: Set<number>,
): void {
  const { bytes, address } = region;
  const from = Math.max(types.start, address);
  const to = Math.min(types.end, address + bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = Math.ceil(from / 4) * 4 - address; at + 4 <= to - address; at += 4) {
    const value = text + view.getInt32(at, true);
    if (starts.has(value)) taken.add(value);
  }
}
