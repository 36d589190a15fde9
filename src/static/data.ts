import type { FunctionNode } from "./code/node.ts";
import { Phases } from "./code/node.ts";
import type { Module } from "./code/module.ts";
import { outside } from "./code/ranges.ts";
import { lastAtOrBefore } from "./sorted.ts";
import type { Range } from "./elf/image.ts";
import { gotRanges } from "./elf/got.ts";
import { DT, PF, Reloc, SHF, SHT } from "./elf/layout.ts";
import { ConstantDataGate } from "./gate.ts";
import type { Reach } from "./reach.ts";
import { SectionGate } from "./section-gate.ts";

/** Sections without pointers that anybody follows, besides those that hold no program data at all. */
const NO_POINTERS =
  /^\.(eh_frame|eh_frame_hdr|gcc_except_table|interp|dynsym|dynstr|dynamic|hash|gnu\.|rela|note|got|comment|gosymtab|gopclntab|typelink)/;

/** Functions that the loader or the start code calls. */
export interface StartArrays {
  readonly startup: readonly Cell[];
  readonly exit: readonly Cell[];
  readonly ranges: readonly Range[];
}

function cellsIn(module: Module, start: number, size: number): Cell[] {
  const cells: Cell[] = [];
  const end = start + Math.min(size, module.elf.bytesFrom(start));
  for (let at = start; at + 8 <= end && cells.length < 65_536; at += 8) {
    const row = module.slots.get(at) ?? -1;
    const word = module.elf.u64(at) ?? 0;
    if (row >= 0 || word !== 0) cells.push({ address: at, row, word });
  }
  return cells;
}

/** The initialisation and termination functions of a module. */
export function startArrays(module: Module): StartArrays {
  const values = module.elf.dynamic?.values;
  const startup: Cell[] = [];
  const exit: Cell[] = [];
  const ranges: Range[] = [];
  const add = (table: number | undefined, size: number | undefined, to: Cell[]): void => {
    if (table === undefined || size === undefined || size === 0) return;
    for (const cell of cellsIn(module, table, size)) to.push(cell);
    ranges.push({ start: table, end: table + size });
  };
  add(values?.get(DT.preinitArray), values?.get(DT.preinitArraySize), startup);
  add(values?.get(DT.initArray), values?.get(DT.initArraySize), startup);
  add(values?.get(DT.finiArray), values?.get(DT.finiArraySize), exit);
  const init = values?.get(DT.init);
  const fini = values?.get(DT.fini);
  if (init !== undefined) startup.push({ address: -1, row: -1, word: init });
  if (fini !== undefined) exit.push({ address: -1, row: -1, word: fini });
  return { startup, exit, ranges };
}

const holds = (ranges: readonly Range[], address: number): boolean =>
  ranges.some(r => address >= r.start && address < r.end);

/** A word in data that is an address: where it is and the row of the relocation that fills it, or -1 and the word. */
export interface Cell {
  readonly address: number;
  readonly row: number;
  readonly word: number;
}

/** They do not depend on what is reached. */
const cellsOf = new WeakMap<Module, readonly Cell[]>();

/** All words in a module's data that hold addresses once it is loaded, its GOT and start arrays apart. Ascending. */
export function dataCells(module: Module): readonly Cell[] {
  let cells = cellsOf.get(module);
  if (cells === undefined) {
    cells = findCells(module);
    cellsOf.set(module, cells);
  }
  return cells;
}

function findCells(module: Module): Cell[] {
  const { address, kind, count } = module.elf.relocations;
  const got = gotRanges(module.elf);
  const arrays = startArrays(module).ranges;
  const cells: Cell[] = [];
  for (let row = 0; row < count; row++) {
    const what = kind[row];
    const at = address[row] ?? 0;
    if (what === Reloc.globDat || what === Reloc.jumpSlot || what === Reloc.copy || what === Reloc.other)
      continue;
    if (holds(got, at) || holds(arrays, at)) continue;
    cells.push({ address: at, row, word: -1 });
  }
  // There may be more of them than a call takes arguments.
  const all = module.elf.isShared ? cells : cells.concat(bareWords(module, [...got, ...arrays]));
  return all.sort((a, b) => a.address - b.address);
}

/**
 * In a file at a fixed address, pointers in data need no relocation: every word that is an address of code counts, of its
 * own code or that of another file.
 */
function bareWords(module: Module, except: readonly Range[], target: Module = module): Cell[] {
  const { elf } = module;
  const parts: Range[] =
    elf.sections.length > 0
      ? elf.sections
          .filter(s => (s.flags & SHF.alloc) !== 0 && (s.flags & SHF.exec) === 0 && s.type !== SHT.nobits)
          .filter(s => !NO_POINTERS.test(s.name))
          .map(s => ({ start: s.address, end: s.address + s.size }))
      : elf.loads
          .filter(s => (s.flags & PF.x) === 0)
          .map(s => ({ start: s.address, end: s.address + s.fileSize }));
  const cells: Cell[] = [];
  const followed = followedCode(target);
  const low = followed[0]?.start ?? Number.POSITIVE_INFINITY;
  const high = followed.at(-1)?.end ?? 0;
  if (low >= high) return cells;
  for (const part of parts) {
    const offset = elf.offsetOf(part.start);
    if (offset < 0) continue;
    const size = Math.min(part.end - part.start, elf.bytesFrom(part.start));
    for (let i = 0; i + 8 <= size; i++) {
      if (elf.view.getUint32(offset + i + 4, true) !== 0) continue;
      const word = elf.view.getUint32(offset + i, true);
      if (word < low || word >= high || holds(except, part.start + i)) continue;
      // A word at an odd place counts only if it is exactly the start of a function.
      const isStart = target.ranges[target.rangeIndex(word)]?.start === word;
      if ((isStart || (part.start + i) % 8 === 0) && target.elf.isCode(word)) {
        cells.push({ address: part.start + i, row: -1, word });
      }
    }
  }
  return cells;
}

/** Code that data may lead to: all but the functions whose language's tables say what runs. */
function followedCode({ elf, language }: Module): readonly Range[] {
  return language?.followData === false ? outside(elf.code, language.functions) : elf.code;
}

/** Holds back what parts of a module's data point to until something mentions them. */
export interface DataGate {
  /** Whether the cell at an address waits to be mentioned. */
  holds(address: number): boolean;
  /** Reached code or data mentions an address; the gate activates what may be meant. */
  mention(
    data: DataFollower,
    address: number,
    mask: number,
    from: FunctionNode | undefined,
    site: number,
  ): void;
}

/** Follows addresses in data: every one of a module counts from when the module is loaded, unless a gate holds it. */
export class DataFollower {
  readonly #reach: Reach;
  readonly #gates = new Map<Module, DataGate | undefined>();

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /** Everything that the cells of a module point to is handed out, but for what waits to be mentioned. */
  all(module: Module, mask: number): void {
    const gate = this.#gateOf(module);
    for (const cell of dataCells(module)) {
      if (gate?.holds(cell.address) !== true) this.activate(module, cell, mask, undefined, -1);
    }
    this.#mentionCopied(module, mask);
    const { prelinked, program } = this.#reach.image;
    if (prelinked === undefined || module !== program) return;
    for (const { word } of bareWords(module, [], prelinked))
      this.#pointer(prelinked, word, mask, undefined, -1);
  }

  /** A library's object that the program has a copy of is used through the copy, pointers in it as well. */
  #mentionCopied(module: Module, mask: number): void {
    const { kind, symbol, count } = module.elf.relocations;
    for (let row = 0; row < count; row++) {
      if (kind[row] !== Reloc.copy) continue;
      const name = module.elf.dynamicSymbols[symbol[row] ?? 0]?.name ?? "";
      for (const d of this.#reach.image.definitions(name))
        this.mention(d.module, d.symbol.value, mask, undefined, -1);
    }
  }

  /** Reached code or data mentions an address of data. */
  mention(module: Module, address: number, mask: number, from: FunctionNode | undefined, site: number): void {
    this.#gateOf(module)?.mention(this, address, mask, from, site);
  }

  #gateOf(module: Module): DataGate | undefined {
    if (!this.#gates.has(module)) {
      const isLoader = module === this.#reach.image.interpreter;
      this.#gates.set(module, ConstantDataGate.of(module) ?? (isLoader ? undefined : SectionGate.of(module)));
    }
    return this.#gates.get(module);
  }

  /** What a word of data points to is handed out. */
  activate(module: Module, cell: Cell, mask: number, from: FunctionNode | undefined, site: number): void {
    if (cell.row < 0) {
      this.#pointer(module, cell.word, mask, from, site, module);
      return;
    }
    const { kind, addend } = module.elf.relocations;
    // Nearly all of them, without anything made for each.
    if (kind[cell.row] === Reloc.relative) {
      this.#pointer(module, addend[cell.row] ?? 0, mask, from, site, module);
      return;
    }
    for (const target of this.#reach.image.slotTargets(module, cell.row)) {
      if (target.isResolver)
        this.#reach.enter(target.module, target.address, mask, "call", { node: from, site });
      else this.#pointer(target.module, target.address, mask, from, site, module);
    }
  }

  #pointer(
    module: Module,
    address: number,
    mask: number,
    from: FunctionNode | undefined,
    site: number,
    table?: Module,
  ): void {
    if (!module.elf.isCode(address)) {
      this.#reach.watch?.mention(module, address, mask, from, site);
      return;
    }
    // An address inside of a function is a label of that function's own: a jump table's or a computed goto's.
    if (module.language?.followData === false && module.isOwnFunction(address)) return;
    const range = module.ranges[module.rangeIndex(address)];
    if (range !== undefined && range.start !== address && !isEntryPoint(module, address)) return;
    this.#reach.handOut(module, address, mask, "data", from, site, table);
  }
}

/** Whether a symbol or the language's tables name this very address. */
function isEntryPoint(module: Module, address: number): boolean {
  return module.entryAddresses.has(address);
}

/** Cells at or after `from` and before `to`. */
export function cellsBetween(
  cells: readonly Cell[],
  starts: Float64Array,
  from: number,
  to: number,
): readonly Cell[] {
  const first = lastAtOrBefore(starts, from - 1e-6) + 1;
  const last = lastAtOrBefore(starts, to - 1e-6) + 1;
  return cells.slice(first, last);
}

/** Phase bits of a module's data: ld.so's own counts from its start, everybody else's once constructors run. */
export function dataPhases(isInterpreter: boolean): number {
  return isInterpreter ? Phases.loader | Phases.startup | Phases.main : Phases.startup | Phases.main;
}
