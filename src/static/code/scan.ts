import { QuickScanner, readAarch64, readX86 } from "../go/quick-scan.ts";
import { gotRanges } from "../elf/got.ts";
import type { Range } from "../elf/image.ts";
import { Flow, newInsn, readBytes, Ref, type Insn } from "../ir.ts";
import { SlotUse, type FunctionScan } from "../model.ts";
import { lastAtOrBefore } from "../sorted.ts";
import type { Module } from "./module.ts";
import type { OpenStretches, Stretch } from "./stretches.ts";

/** No function found by descent is larger; what goes on is cut into another one. */
const MAX_DESCENT = 200_000;

interface Draft {
  start: number;
  end: number;
  /** End of the range, or the start when the extent is not known. */
  limit: number;
  calls: number[];
  jumps: number[];
  slots: number[];
  taken: number[];
  data: number[];
  syscalls: number[];
  foreign: number[];
  indirect: number[];
  returns: boolean;
}

function newDraft(start: number, end: number): Draft {
  return {
    start,
    end,
    limit: end,
    calls: [],
    jumps: [],
    slots: [],
    taken: [],
    data: [],
    syscalls: [],
    foreign: [],
    indirect: [],
    returns: false,
  };
}

/** Most functions have most lists empty. */
const NONE: readonly number[] = [];

/** A list that grew has room for more; there are too many of them to keep that. */
export function exact(list: readonly number[]): readonly number[] {
  return list.length === 0 ? NONE : list.slice();
}

function scanOf(draft: Draft): FunctionScan {
  return {
    start: draft.start,
    end: draft.end,
    calls: exact(draft.calls),
    jumps: exact(draft.jumps),
    slots: exact(draft.slots),
    taken: exact(draft.taken),
    data: exact(draft.data),
    syscalls: exact(draft.syscalls),
    foreign: exact(draft.foreign),
    indirect: exact(draft.indirect),
    returns: draft.returns,
  };
}

/** Reads what functions refer to, one after the other, for one module. */
export class Scanner {
  readonly #module: Module;
  readonly #quick: QuickScanner | undefined;
  readonly #insn: Insn = newInsn();
  /** Slots that the run of instructions loaded last: on AArch64 a call through one is a load and a jump. */
  #lastLoad = -1;

  constructor(module: Module) {
    this.#module = module;
    // Without sections nobody knows where the GOT is.
    if (module.language !== undefined && module.elf.sections.length > 0) {
      const read = module.machine.name === "x86_64" ? readX86 : readAarch64;
      this.#quick = new QuickScanner(module, gotRanges(module.elf), read);
    }
  }

  /** What the code of a range refers to. */
  range(start: number, end: number): FunctionScan {
    const isOwn = this.#quick !== undefined && this.#module.isOwnFunction(start);
    const quick = isOwn ? this.#quick?.range(start, end, () => this.#decode(start, end)) : undefined;
    return quick ?? this.#decode(start, end);
  }

  /** Decodes a range in order, from its start to its end. */
  #decode(start: number, end: number): FunctionScan {
    const draft = newDraft(start, end);
    const { elf, lifter } = this.#module;
    const insn = this.#insn;
    const bias = elf.offsetOf(start) - start;
    const limit = Math.min(elf.bytes.length, start + bias + elf.bytesFrom(start));
    lifter.reset({ address: start, offset: start + bias, length: end - start });
    this.#lastLoad = -1;
    let last: number = Flow.stop;
    let lastAt = start;
    let at = start;
    while (at < end) {
      lastAt = at;
      const plain = lifter.plainLength(at + bias, limit);
      if (plain > 0) {
        last = Flow.next;
        at += plain;
        continue;
      }
      lifter.lift(at, at + bias, limit, insn);
      this.#note(draft, insn);
      if (insn.flow === Flow.return || insn.flow === Flow.jumpIndirect) draft.returns = true;
      if (insn.target >= 0 && insn.flow !== Flow.call && (insn.target < start || insn.target >= end)) {
        draft.jumps.push(at, insn.target);
      }
      last = insn.nop ? last : insn.flow;
      at += insn.length;
    }
    if (continues(last) && this.#runsOn(at, last)) draft.jumps.push(lastAt, at);
    return scanOf(draft);
  }

  /** Whether control can pass the end of a range: never into another function after a call, which then does not return. */
  #runsOn(end: number, last: number): boolean {
    const module = this.#module;
    if (!module.elf.isCode(end)) return false;
    const isCall = last === Flow.call || last === Flow.callIndirect;
    if (!isCall) return true;
    if (module.rangeIndex(end) >= 0) return false;
    const after = newInsn();
    module.liftAt(end, after);
    return !after.nop && after.flow !== Flow.stop && after.flow !== Flow.invalid;
  }

  /**
   * What the code from an entry on refers to, by recursive descent. It ends at the ranges around and at other entries.
   * After a computed jump, all code up to the next entry counts: as a stretch of its own, or of the entry that has opened
   * the stretch around this one before.
   */
  descent(
    entry: number,
    isEntry: (address: number) => boolean,
    opened: OpenStretches,
  ): { scan: FunctionScan; code: number[] } {
    const { elf } = this.#module;
    const draft = newDraft(entry, entry);
    const around = opened.around(entry);
    if (around !== undefined && around !== entry) {
      draft.jumps.push(entry, around);
      return { scan: scanOf(draft), code: [entry] };
    }
    const gap = this.#module.gapAround(entry);
    const seen = new Set<number>();
    const todo = [entry];
    const hints = this.#module.entryHints;
    const { isPrelinked } = elf;
    const isCut = (address: number): boolean =>
      address !== entry && (isEntry(address) || hints[lastAtOrBefore(hints, address)] === address);
    /** What counts as this entry's own: once it has opened a stretch, no more than that. */
    let own: Range = gap;
    const visit = (from: number, to: number): void => {
      if (to >= own.start && to < own.end && !isCut(to)) todo.push(to);
      else if (isPrelinked || elf.isCode(to)) draft.jumps.push(from, to);
    };
    const bias = elf.offsetOf(entry) - entry;
    const limit = Math.min(elf.bytes.length, gap.end + bias);
    const insn = this.#insn;
    let isOpen = false;
    const open = (from: number): void => {
      if (isOpen) return;
      isOpen = true;
      const rest = this.#restOf(entry, gap.end, MAX_DESCENT - seen.size, isCut, opened);
      own = rest;
      for (const to of todo.splice(0)) visit(from, to);
      for (const start of rest.starts) todo.push(start);
      opened.add(rest);
      if (rest.isCutShort) draft.jumps.push(from, rest.joins ?? rest.end);
    };
    if (opened.continuesAt(entry)) open(entry);
    while (todo.length > 0) {
      let at: number = todo.pop() ?? entry;
      this.#module.lifter.reset();
      this.#lastLoad = -1;
      while (!seen.has(at)) {
        if (seen.size >= MAX_DESCENT) {
          draft.jumps.push(entry, at);
          break;
        }
        seen.add(at);
        this.#module.lifter.lift(at, at + bias, limit, insn);
        if (insn.flow === Flow.invalid) break;
        this.#note(draft, insn);
        const next = at + insn.length;
        draft.end = Math.max(draft.end, next);
        if (insn.flow === Flow.return || insn.flow === Flow.jumpIndirect) draft.returns = true;
        if (insn.flow === Flow.jump || insn.flow === Flow.branch) visit(at, insn.target);
        if (insn.flow === Flow.jumpIndirect && !(insn.memory && this.#module.slots.has(insn.ref))) open(at);
        if (!continues(insn.flow)) break;
        if (next < own.start || next >= own.end || isCut(next)) {
          visit(at, next);
          break;
        }
        at = next;
      }
    }
    // An address within its own code is a label of it.
    draft.taken = draft.taken.filter((_, i) => !seen.has(draft.taken[i | 1] ?? entry));
    return { scan: scanOf(draft), code: [...seen].sort((a, b) => a - b) };
  }

  /**
   * All instructions from an entry to the next one, without the padding that fills up to that.
   * @param most so many of them: beyond, it is cut short, as where a stretch has the rest of them
   */
  #restOf(
    entry: number,
    end: number,
    most: number,
    isCut: (address: number) => boolean,
    opened: OpenStretches,
  ): Stretch {
    const insn = newInsn();
    const starts: number[] = [];
    /** How many of them are there without the do-nothings that nothing runs into. */
    let kept = 0;
    let runs = true;
    let joins: number | undefined;
    let at = entry;
    for (; at < end && starts.length < most && !isCut(at); at += insn.length) {
      joins = opened.around(at);
      if (joins !== undefined) break;
      this.#module.liftAt(at, insn);
      starts.push(at);
      if (insn.nop && !runs) continue;
      runs = continues(insn.flow);
      kept = starts.length;
    }
    return {
      start: entry,
      end: at,
      starts: starts.slice(0, kept),
      isCutShort: at < end && !isCut(at),
      joins,
    };
  }

  #note(draft: Draft, insn: Insn): void {
    const { address, flow } = insn;
    const { slots, elf } = this.#module;
    if (flow === Flow.call) {
      if (insn.target !== address + insn.length) draft.calls.push(address, insn.target);
    } else if (flow === Flow.syscall) draft.syscalls.push(address);
    else if (flow === Flow.foreignSyscall) draft.foreign.push(address);
    else if (flow === Flow.callIndirect || flow === Flow.jumpIndirect) {
      if (insn.memory && insn.ref >= 0 && insn.index < 0 && slots.has(insn.ref)) {
        if (insn.ref === this.#lastLoad) draft.slots.length -= 3;
        draft.slots.push(address, insn.ref, flow === Flow.callIndirect ? SlotUse.call : SlotUse.jump);
        this.#lastLoad = -1;
        return;
      }
      draft.indirect.push(address);
    }
    const { ref } = insn;
    if (ref < 0) return;
    this.#lastLoad = -1;
    // A read of several words gets all of them.
    const end = insn.refKind === Ref.read ? ref + readBytes(insn) : ref;
    for (let word = ref + 8 - (ref % 8); word < end; word += 8)
      if (slots.has(word)) draft.slots.push(address, word, SlotUse.load);
    if (insn.refKind === Ref.read && slots.has(ref)) {
      draft.slots.push(address, ref, SlotUse.load);
      this.#lastLoad = ref;
    } else if (insn.refKind === Ref.taken || insn.refKind === Ref.indexed) {
      if (elf.isCode(ref)) {
        if (ref <= draft.start || ref >= draft.limit) draft.taken.push(address, ref);
      } else draft.data.push(address, ref);
    } else if (insn.refKind !== Ref.page || !elf.isCode(ref)) draft.data.push(address, ref);
  }
}

/** Whether the next instruction can follow. */
export function continues(flow: number): boolean {
  return (
    flow !== Flow.jump &&
    flow !== Flow.jumpIndirect &&
    flow !== Flow.return &&
    flow !== Flow.stop &&
    flow !== Flow.invalid
  );
}
