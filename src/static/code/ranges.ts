import type { ElfFile } from "../elf/file.ts";
import type { Range } from "../elf/image.ts";
import { SHF, STT } from "../elf/layout.ts";
import { Flow, newInsn } from "../ir.ts";
import type { LanguageFacts } from "../model.ts";
import { lastAtOrBefore } from "../sorted.ts";
import type { Module } from "./module.ts";

/** A stretch of code with a known extent. */
export interface CodeRange {
  readonly start: number;
  readonly end: number;
  readonly lsda: number;
}

const PLT = /^\.i?plt/;

/** Functions and parts of functions that tables name, ascending, without overlaps. */
export function findRanges(elf: ElfFile, language: LanguageFacts | undefined): CodeRange[] {
  const found: CodeRange[] = [];
  for (const f of language?.functions ?? []) found.push({ start: f.start, end: f.end, lsda: -1 });
  const isOwned = ownedBy(found);
  const plt = elf.sections.filter(s => PLT.test(s.name) && (s.flags & SHF.exec) !== 0);
  const inPlt = (address: number): boolean =>
    plt.some(s => address >= s.address && address < s.address + s.size);
  for (const frame of elf.frames) {
    const start = frame.signal ? frame.start + 1 : frame.start;
    if (inPlt(start) || isOwned(start)) continue;
    found.push({ start, end: frame.end, lsda: frame.lsda });
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const covered = ownedBy(found.slice());
  for (const symbols of [elf.dynamicSymbols, elf.staticSymbols]) {
    for (const s of symbols) {
      if ((s.type !== STT.func && s.type !== STT.ifunc) || s.section === 0 || s.size === 0) continue;
      if (!covered(s.value) && elf.isCode(s.value))
        found.push({ start: s.value, end: s.value + s.size, lsda: -1 });
    }
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const ranges: CodeRange[] = [];
  for (const range of found) {
    const last = ranges.at(-1);
    if (last !== undefined && range.start < last.end) {
      if (range.start === last.start) continue;
      ranges[ranges.length - 1] = { ...last, end: range.start };
    }
    const code = elf.code.find(c => range.start >= c.start && range.start < c.end);
    ranges.push(code !== undefined && range.end > code.end ? { ...range, end: code.end } : range);
  }
  return ranges;
}

/** Tests whether an address lies in one of the sorted ranges. */
function ownedBy(ranges: readonly CodeRange[]): (address: number) => boolean {
  const starts = Float64Array.from(ranges, r => r.start);
  return address => {
    const range = ranges[lastAtOrBefore(starts, address)];
    return range !== undefined && address < range.end;
  };
}

/** A linear sweep over the code outside of all ranges, for the targets of its direct calls. */
export function findEntryHints(module: Module): Float64Array {
  const hints = new Set<number>();
  const insn = newInsn();
  const { elf, lifter } = module;
  for (const symbols of [elf.dynamicSymbols, elf.staticSymbols]) {
    for (const s of symbols) {
      if (s.section !== 0 && (s.type === STT.notype || s.type === STT.func) && elf.isCode(s.value))
        hints.add(s.value);
    }
  }
  for (const gap of outside(elf.code, module.ranges)) {
    const bias = elf.offsetOf(gap.start) - gap.start;
    if (!module.machine.mayCall(elf.bytes, gap.start + bias, gap.end + bias)) continue;
    lifter.reset();
    for (let at = gap.start; at < gap.end; ) {
      const plain = lifter.plainLength(at + bias, gap.end + bias);
      if (plain > 0) {
        at += plain;
        continue;
      }
      lifter.lift(at, at + bias, gap.end + bias, insn);
      at += insn.length;
      if (insn.flow === Flow.call && elf.isCode(insn.target)) hints.add(insn.target);
    }
  }
  return Float64Array.from(hints).sort();
}

/** What is left of code outside of sorted ranges. */
export function outside(code: readonly Range[], ranges: readonly Range[]): Range[] {
  const left: Range[] = [];
  let next = 0;
  for (const { start, end } of code) {
    let at = start;
    for (; next < ranges.length; next++) {
      const range = ranges[next];
      if (range === undefined || range.start >= end) break;
      if (range.start > at) left.push({ start: at, end: range.start });
      at = Math.max(at, range.end);
    }
    if (at < end) left.push({ start: at, end });
  }
  return left;
}

/** Sorted ranges with those that touch put together. */
export function joined(ranges: readonly Range[]): Range[] {
  const all: { start: number; end: number }[] = [];
  for (const { start, end } of ranges) {
    const last = all.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else all.push({ start, end });
  }
  return all;
}
