import type { ElfFile } from "../elf/file.ts";
import type { Range } from "../elf/image.ts";
import { Reloc } from "../elf/layout.ts";
import type { KnownFunction } from "../model.ts";
import type { Region } from "./pclntab.ts";
import { StartSet } from "./starts.ts";

/** Where to look for function addresses. */
export interface GoData {
  readonly regions: readonly Region[];
  /** What offsets of functions in type descriptors count from. */
  readonly text: number;
  readonly types: Range;
  /** It names every function and is left out. */
  readonly pclntab: Range;
}

/**
 * Functions whose address stands somewhere in the data, so that a call of them need not be visible:
 * function values, itabs, package initialisers and globals hold it as a word, method tables as an offset from the text's start.
 * What code computes (LEA, ADRP) is not in here.
 */
export function functionsNamedByData(
  elf: ElfFile,
  functions: readonly KnownFunction[],
  data: GoData,
): Set<number> {
  const starts = new StartSet(functions);
  const taken = new Set<number>();
  // In a file that can be loaded anywhere, a word is an address only where a relocation says so.
  if (elf.isShared) collectRelocated(elf, data.pclntab, starts, taken);
  for (const region of data.regions) {
    if (region.executable) continue;
    if (!elf.isShared)
      for (const part of without(region, data.pclntab)) collectWords(part, data.types, starts, taken);
    collectMethods(region, data, starts, taken);
  }
  return taken;
}

function collectRelocated(elf: ElfFile, hole: Range, starts: StartSet, taken: Set<number>): void {
  const { count, kind, address, addend, symbol } = elf.relocations;
  for (let i = 0; i < count; i++) {
    const at = address[i] ?? 0;
    if (at >= hole.start && at < hole.end) continue;
    let value = addend[i] ?? 0;
    if (kind[i] === Reloc.absolute || kind[i] === Reloc.globDat) {
      value += elf.dynamicSymbols[symbol[i] ?? 0]?.value ?? 0;
    } else if (kind[i] !== Reloc.relative) continue;
    if (starts.has(value)) taken.add(value);
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

function collectWords(region: Region, types: Range, starts: StartSet, taken: Set<number>): void {
  const { bytes, address } = region;
  const view = viewOf(bytes);
  // Pointers are aligned by their address, not by their place in the file.
  for (let at = (8 - (address % 8)) % 8; at + 8 <= bytes.length; at += 8) {
    const high = view.getUint32(at + 4, true);
    if (high > 0xff) continue;
    const value = high * 0x1_0000_0000 + view.getUint32(at, true);
    if (starts.has(value) && !isNameInType(view, at, address, types)) taken.add(value);
  }
}

/**
 * Whether a word is the name and the pointer type in a type descriptor, two offsets of 32 bits, which can look like an
 * address where the text lies low. Before it in the descriptor: size, pointer bytes, hash, flags, alignments, kind,
 * equality function, garbage collection data. Source: Type in internal/abi/type.go.
 */
function isNameInType(view: DataView, at: number, address: number, types: Range): boolean {
  const start = at - 40;
  const inTypes = (word: number): boolean => {
    const pointer = Number(view.getBigUint64(start + word * 8, true));
    return pointer === 0 || (pointer >= types.start && pointer < types.end);
  };
  if (start < 0 || address + start < types.start || address + at >= types.end) return false;
  return isType(view, start) && inTypes(3) && inTypes(4);
}

const isAlignment = (value: number): boolean => value === 1 || value === 2 || value === 4 || value === 8;

/** Whether alignments and kind of a type descriptor make sense. */
function isType(view: DataView, start: number): boolean {
  const kind = view.getUint8(start + 23) & 31;
  return (
    isAlignment(view.getUint8(start + 21)) && isAlignment(view.getUint8(start + 22)) && kind > 0 && kind < 27
  );
}

const KIND_FUNC = 19;

/**
 * Methods of types: name, type, and two functions (for interface calls and direct ones), each an offset of 32 bits, the
 * first two from `types`, the others from the text. The linker marks what it has removed with -1 or 0 in all but the name.
 * Source: Method in internal/abi/type.go; the same since Go 1.7.
 */
function collectMethods(region: Region, { types, text }: GoData, starts: StartSet, taken: Set<number>): void {
  const { bytes, address } = region;
  const from = Math.max(types.start, address);
  const to = Math.min(types.end, address + bytes.length);
  const view = viewOf(bytes);
  const isFunctionType = (offset: number): boolean => {
    const at = types.start + offset - address;
    return offset > 0 && at >= 0 && at + 48 <= bytes.length && (view.getUint8(at + 23) & 31) === KIND_FUNC;
  };
  for (let at = Math.ceil(from / 4) * 4 - address; at + 16 <= to - address; at += 4) {
    const viaInterface = text + view.getInt32(at + 8, true);
    if (!starts.has(viaInterface)) continue;
    const direct = text + view.getInt32(at + 12, true);
    if (!starts.has(direct)) continue;
    const name = view.getInt32(at, true);
    if (name < 0 || name >= types.end - types.start || !isFunctionType(view.getInt32(at + 4, true))) continue;
    taken.add(viaInterface);
    taken.add(direct);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
