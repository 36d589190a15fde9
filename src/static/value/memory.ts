import type { Module } from "../code/module.ts";
import { Reloc } from "../elf/layout.ts";
import { constant, low32, type Value } from "./value.ts";

/** More than the number of any syscall; const tables of numbers end where larger ones begin. */
const PLAUSIBLE = 1024;
const MAX_TABLE = 512;
const MAX_GAPS = 4;

/** Finds out what the words of a process hold in memory. Shared by all functions. */
export interface MemoryView {
  /**
   * All values that a writable word can have: what the file says and every store. Undefined when its address is a
   * value somewhere, so that nobody knows.
   */
  writable(module: Module, address: number, size: number): readonly Value[] | undefined;
  /** What the loader puts into a word, as a constant. */
  relocated(module: Module, address: number): readonly Value[] | undefined;
}

/** Value of a constant in the file, zero- or sign-extended; undefined where there is none. */
export function readConstant(
  module: Module,
  address: number,
  size: number,
  signed: boolean,
): number | undefined {
  const { elf } = module;
  if (size === 8) {
    const value = elf.u64(address);
    if (value !== undefined) return value;
    const high = elf.i32(address + 4);
    const low = elf.u32(address);
    if (high === undefined || low === undefined) return isZeroFilled(module, address) ? 0 : undefined;
    const wide = high * 0x1_0000_0000 + low;
    return Number.isSafeInteger(wide) ? wide : undefined;
  }
  const raw = size === 4 ? elf.u32(address) : size === 2 ? elf.u16(address) : elf.u8(address);
  if (raw === undefined) return isZeroFilled(module, address) ? 0 : undefined;
  const limit = 2 ** (size * 8 - 1);
  return signed && raw >= limit ? raw - 2 * limit : raw;
}

function isZeroFilled(module: Module, address: number): boolean {
  const segment = module.elf.segmentOf(address);
  return segment !== undefined && address >= segment.address + segment.fileSize;
}

/** What a load from a known address gives; undefined when that cannot be said. */
export function readMemory(
  view: MemoryView,
  module: Module,
  address: number,
  size: number,
  signed: boolean,
): readonly Value[] | undefined {
  const row = module.slots.get(address);
  if (row !== undefined && module.elf.relocations.kind[row] !== Reloc.copy) {
    const initial = size === 8 ? view.relocated(module, address) : undefined;
    if (initial === undefined || module.elf.isConstant(address)) return initial;
  }
  if (module.elf.isConstant(address) || module.language?.constantWords.has(address) === true) {
    const value = readConstant(module, address, size, signed);
    return value === undefined ? undefined : [constant(value)];
  }
  return view.writable(module, address, size);
}

/**
 * All elements that a table in constant memory can have, when the index is not known. Its end is not written anywhere:
 * it ends where a symbol says so, else where several words in a row cannot be numbers of syscalls.
 */
export function readTable(
  module: Module,
  base: number,
  step: number,
  size: number,
  signed: boolean,
): Value[] | undefined {
  if (!module.elf.isConstant(base) && !module.elf.isConstant(base + step)) return undefined;
  const values = new Set<number>();
  let gaps = 0;
  for (let i = 0; i < MAX_TABLE && gaps < MAX_GAPS; i++) {
    const address = base + i * step;
    const value = module.slots.has(address) ? undefined : readConstant(module, address, size, signed);
    const isPlausible =
      value !== undefined &&
      module.elf.isConstant(address) &&
      ((value >= 0 && value < PLAUSIBLE) || low32(value) === 0xffff_ffff);
    if (!isPlausible) gaps++;
    else {
      gaps = 0;
      values.add(value);
    }
  }
  return values.size === 0 ? undefined : [...values].map(v => constant(v));
}
