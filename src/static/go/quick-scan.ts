import type { Module } from "../code/module.ts";
import type { Range } from "../elf/image.ts";
import { type FunctionScan, SlotUse } from "../model.ts";
import { StartSet } from "./starts.ts";

/** What a scan finds, while it is being made. */
export interface Findings {
  readonly calls: number[];
  readonly jumps: number[];
  readonly slots: number[];
  readonly taken: number[];
}

/** Where code of one module may lead to, and what it may mention. */
export interface Landmarks {
  /** Whether control may go to an address, or it may become a value: the very start of a function. */
  isStart(address: number): boolean;
  isSlot(address: number): boolean;
}

/** Reads one function into `to`; false when it has to be decoded to be understood. */
export type QuickReader = (
  view: DataView,
  offset: number,
  start: number,
  end: number,
  marks: Landmarks,
  to: Findings,
) => boolean;

const NONE: readonly number[] = [];
const orNone = (list: readonly number[]): readonly number[] => (list.length === 0 ? NONE : list);

/**
 * Reads what Go functions refer to without decoding them, ten times as fast: Go's linker fills in calls, jumps and
 * addresses in a few forms only, and a pattern of bytes that means none of them hits the exact start of a function once
 * in a million. Functions that enter the kernel, and those that may run into the next one, are left to the decoder.
 */
export class QuickScanner implements Landmarks {
  readonly #module: Module;
  readonly #starts: StartSet;
  readonly #text: Range;
  readonly #got: readonly Range[];
  readonly #read: QuickReader;

  constructor(module: Module, got: readonly Range[], read: QuickReader) {
    const functions = module.language?.functions ?? [];
    this.#module = module;
    this.#starts = new StartSet(functions);
    this.#text = { start: functions[0]?.start ?? 0, end: functions.at(-1)?.end ?? 0 };
    this.#got = got;
    this.#read = read;
  }

  /** What a function of the language refers to; undefined where only decoding tells. `decode` is asked for rare parts. */
  range(start: number, end: number, decode: () => FunctionScan): FunctionScan | undefined {
    const { elf } = this.#module;
    const offset = elf.offsetOf(start);
    if (offset < 0 || offset + end - start > elf.bytes.length) return undefined;
    const found: Findings = { calls: [], jumps: [], slots: [], taken: [] };
    if (!this.#read(elf.view, offset, start, end, this, found)) return undefined;
    return new QuickScan(start, end, found, decode);
  }

  isStart(address: number): boolean {
    if (address >= this.#text.start && address < this.#text.end) return this.#starts.has(address);
    const module = this.#module;
    if (!module.elf.isCode(address)) return false;
    const range = module.ranges[module.rangeIndex(address)];
    return range === undefined || range.start === address;
  }

  isSlot(address: number): boolean {
    for (const r of this.#got) if (address >= r.start && address < r.end) return true;
    return false;
  }
}

class QuickScan implements FunctionScan {
  readonly start: number;
  readonly end: number;
  readonly calls: readonly number[];
  readonly jumps: readonly number[];
  readonly slots: readonly number[];
  readonly taken: readonly number[];
  readonly syscalls: readonly number[] = NONE;
  readonly foreign: readonly number[] = NONE;
  readonly indirect: readonly number[] = NONE;
  readonly returns = true;
  readonly #decode: () => FunctionScan;
  #data: readonly number[] | undefined;

  constructor(start: number, end: number, found: Findings, decode: () => FunctionScan) {
    this.start = start;
    this.end = end;
    this.calls = orNone(found.calls);
    this.jumps = orNone(found.jumps);
    this.slots = orNone(found.slots);
    this.taken = orNone(found.taken);
    this.#decode = decode;
  }

  /** Seldom asked for, and only decoding tells. */
  get data(): readonly number[] {
    this.#data ??= this.#decode().data;
    return this.#data;
  }
}

const INT3 = 0xcc;

/** Whether the bytes before the padding at the end are a return, a jump, a call that does not return, or UD2. */
function endsCleanly(view: DataView, offset: number, size: number): boolean {
  let last = offset + size - 1;
  while (last > offset && view.getUint8(last) === INT3) last--;
  const back = (by: number): number => (last - by >= offset ? view.getUint8(last - by) : 0);
  if (back(0) === 0xc3 || (back(1) === 0x0f && back(0) === 0x0b)) return true;
  if (back(4) === 0xe9 || back(4) === 0xe8 || back(1) === 0xeb) return true;
  // NOP after a call that does not return; JMP through a register.
  return (back(5) === 0xe8 && back(0) === 0x90) || (back(1) === 0xff && back(0) >> 3 === 0x1c);
}

/** Bytes that any of the forms that matter starts with. */
const MATTERS_X86 = new Uint8Array(256);
for (const byte of [0xe8, 0xe9, 0x0f, 0x8d, 0x8b, 0xff, 0xcd]) MATTERS_X86[byte] = 1;

const isRipRelative = (modrm: number): boolean => (modrm & 0xc7) === 5;

/** CALL, JMP, Jcc, LEA, and loads from and calls through the GOT. */
export const readX86: QuickReader = (view, offset, start, end, marks, to) => {
  const size = end - start;
  if (!endsCleanly(view, offset, size)) return false;
  const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, size);
  for (let i = 0; i < size; i++) {
    const byte = bytes[i] ?? 0;
    if (MATTERS_X86[byte] === 0) continue;
    const next = i + 1 < size ? (bytes[i + 1] ?? 0) : 0;
    if (byte === 0x0f) {
      // SYSCALL and SYSENTER.
      if (next === 0x05 || next === 0x34) return false;
      if ((next & 0xf0) !== 0x80 || i + 6 > size) continue;
      jump(start + i, start + i + 6 + view.getInt32(offset + i + 2, true), start, end, marks, to);
      continue;
    }
    if (byte === 0xcd) {
      if (next === 0x80) return false;
      continue;
    }
    if (byte <= 0xe9 && byte >= 0xe8) {
      if (i + 5 > size) continue;
      const target = start + i + 5 + view.getInt32(offset + i + 1, true);
      if (byte === 0xe9) jump(start + i, target, start, end, marks, to);
      else if (marks.isStart(target)) to.calls.push(start + i, target);
      continue;
    }
    if (!isRipRelative(next) || i + 6 > size) continue;
    const mentioned = start + i + 6 + view.getInt32(offset + i + 2, true);
    if (byte === 0xff) {
      if ((next === 0x15 || next === 0x25) && marks.isSlot(mentioned)) {
        to.slots.push(start + i, mentioned, next === 0x15 ? SlotUse.call : SlotUse.jump);
      }
      continue;
    }
    // REX.W goes before both.
    if (i === 0 || ((bytes[i - 1] ?? 0) & 0xfb) !== 0x48) continue;
    if (byte === 0x8b) {
      if (marks.isSlot(mentioned)) to.slots.push(start + i - 1, mentioned, SlotUse.load);
    } else if (marks.isStart(mentioned)) to.taken.push(start + i - 1, mentioned);
  }
  return true;
};

function jump(
  site: number,
  target: number,
  start: number,
  end: number,
  marks: Landmarks,
  to: Findings,
): void {
  if ((target < start || target >= end) && marks.isStart(target)) to.jumps.push(site, target);
}

const signed = (word: number, low: number, bits: number): number =>
  (word << (32 - low - bits)) >> (32 - bits);

/** BL, B and its conditional forms, ADR, ADRP with the ADD or LDR right behind it. */
export const readAarch64: QuickReader = (view, offset, start, end, marks, to) => {
  let last = 0;
  for (let i = 0; i + 4 <= end - start; i += 4) {
    const word = view.getUint32(offset + i, true);
    if (word === 0) continue;
    last = word;
    const at = start + i;
    const top = word >>> 24;
    if ((top & 0xfc) === 0x94) {
      const target = at + signed(word, 0, 26) * 4;
      if (marks.isStart(target)) to.calls.push(at, target);
    } else if ((top & 0xfc) === 0x14) jump(at, at + signed(word, 0, 26) * 4, start, end, marks, to);
    else if (top === 0x54 || (top & 0x7e) === 0x34)
      jump(at, at + signed(word, 5, 19) * 4, start, end, marks, to);
    else if ((top & 0x7e) === 0x36) jump(at, at + signed(word, 5, 14) * 4, start, end, marks, to);
    else if ((word & 0xffe0_001f) >>> 0 === 0xd400_0001)
      return false; // SVC
    else if ((top & 0x1f) === 0x10) mention(view, offset + i, word, at, at + 8 <= end, marks, to);
  }
  const top = last >>> 24;
  const goesOn = (top & 0x7c) !== 0x14 && top !== 0xd6 && top !== 0xd4;
  return !goesOn;
};

function mention(
  view: DataView,
  offset: number,
  word: number,
  at: number,
  hasNext: boolean,
  marks: Landmarks,
  to: Findings,
): void {
  const value = signed(word, 5, 19) * 4 + ((word >>> 29) & 3);
  if (word >>> 31 === 0) {
    if (marks.isStart(at + value)) to.taken.push(at, at + value);
    return;
  }
  if (!hasNext) return;
  const page = Math.floor(at / 4096) * 4096 + value * 4096;
  const next = view.getUint32(offset + 4, true);
  if (((next >>> 5) & 31) !== (word & 31)) return;
  const low = (next >>> 10) & 0xfff;
  if (next >>> 22 === 0x244) {
    if (marks.isStart(page + low)) to.taken.push(at + 4, page + low);
  } else if (next >>> 22 === 0x3e5 && marks.isSlot(page + low * 8)) {
    to.slots.push(at + 4, page + low * 8, SlotUse.load);
  }
}
