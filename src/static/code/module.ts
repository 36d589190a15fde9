import { createHash } from "node:crypto";
import type { ElfFile } from "../elf/file.ts";
import type { Range } from "../elf/image.ts";
import { Exports } from "../elf/exports.ts";
import { STT } from "../elf/layout.ts";
import { Flow, newInsn, Op, type Insn, type Lifter, type Machine } from "../ir.ts";
import type { FunctionScan, KnownFunction, LanguageFacts } from "../model.ts";
import { lastAtOrBefore } from "../sorted.ts";
import { collectNames, type SymbolNames } from "./names.ts";
import { findEntryHints, findRanges, joined, type CodeRange } from "./ranges.ts";
import type { CodeSummary } from "./summary.ts";
import { SlotRows } from "./slots.ts";
import { Scanner } from "./scan.ts";
import type { OpenStretches } from "./stretches.ts";

/** Where summaries of files come from, by the SHA-256 of the file and its lowest address. */
export interface SummarySource {
  load(sha256: string, low: number): CodeSummary | undefined;
}

/** Whoever scans functions on another thread before they are asked for. */
export interface ScanAhead {
  /** Undefined for a module that is not worth it. */
  of(module: Module): AheadScans | undefined;
  /** Ends it; what is not scanned by then never is. */
  close(): void;
}

/** The functions of one module on another thread, by the index of their range. */
export interface AheadScans {
  /** It will be asked for soon. */
  expect(index: number): void;
  /** What the other thread has found; undefined if it has not, and then it leaves the function to the caller. */
  take(index: number): FunctionScan | undefined;
}

/** What is known of a file already. */
export interface ModuleFacts {
  readonly language?: LanguageFacts | undefined;
  /** Of the whole file, in hexadecimal. */
  readonly sha256?: string;
  readonly summaries?: SummarySource | undefined;
  readonly ahead?: ScanAhead | undefined;
  readonly slots?: SlotRows;
}

let nextId = 0;

/** One ELF file as part of a process: its code cut into functions, its GOT slots, its names. */
export class Module {
  /** Different for every module of a run. */
  readonly id: number = nextId++;
  /** Path inside the target's root. */
  readonly path: string;
  readonly elf: ElfFile;
  /** Of the whole file, in hexadecimal. */
  readonly sha256: string;
  readonly machine: Machine;
  readonly lifter: Lifter;
  readonly language: LanguageFacts | undefined;
  /** Row of the relocation by the address of the word that it fills. */
  readonly slots: SlotRows;
  readonly low: number;
  readonly high: number;
  #ranges: readonly CodeRange[] | undefined;
  #starts = new Float64Array(0);
  readonly #insn: Insn = newInsn();
  readonly #thunks = new Map<number, number>();
  #names: SymbolNames | undefined;
  #exports: Exports | undefined;
  #entryHints: Float64Array | undefined;
  #entryAddresses: Set<number> | undefined;
  #own: readonly Range[] | undefined;
  #isGlibc: boolean | undefined;
  #ownStarts: Float64Array | undefined;
  #scanner: Scanner | undefined;
  #scans: (FunctionScan | undefined)[] = [];
  readonly #summary: CodeSummary | undefined;
  readonly #scanAhead: ScanAhead | undefined;
  #ahead: AheadScans | undefined;
  /** Functions that were scanned because no summary knew them. */
  newScans = 0;

  constructor(
    path: string,
    elf: ElfFile,
    machine: Machine,
    { language, sha256, summaries, ahead, slots }: ModuleFacts = {},
  ) {
    this.sha256 = sha256 ?? createHash("sha256").update(elf.bytes).digest("hex");
    this.path = path;
    this.elf = elf;
    this.machine = machine;
    this.language = language;
    this.low = Math.min(...elf.loads.map(s => s.address));
    this.high = Math.max(...elf.loads.map(s => s.address + s.memorySize));
    this.lifter = machine.lifter({
      bytes: elf.bytes,
      absolute: !elf.isShared,
      low: elf.isPrelinked ? 0x1000 : Math.max(this.low, 0x1000),
      high: elf.isPrelinked ? 0x8000_0000 : this.high,
    });
    this.#summary = language === undefined ? summaries?.load(this.sha256, this.low) : undefined;
    this.#scanAhead = ahead;
    this.slots = slots ?? SlotRows.of(elf.relocations);
  }

  /** Functions and parts of functions, ascending, without overlaps. */
  get ranges(): readonly CodeRange[] {
    if (this.#ranges === undefined) {
      this.#ranges = this.#summary?.ranges ?? findRanges(this.elf, this.language);
      this.#starts = Float64Array.from(this.#ranges, r => r.start);
      this.#scans = Array.from({ length: this.#ranges.length });
      if (this.#summary === undefined) this.#ahead = this.#scanAhead?.of(this);
    }
    return this.#ranges;
  }

  /** Shown to the user. */
  get name(): string {
    return this.path.slice(this.path.lastIndexOf("/") + 1);
  }

  /** Index of the range that holds an address, or -1. */
  rangeIndex(address: number): number {
    const { ranges } = this;
    const index = lastAtOrBefore(this.#starts, address);
    const range = ranges[index];
    return range !== undefined && address < range.end ? index : -1;
  }

  /** The nearest range starts around an address without one: code there lies between. */
  gapAround(address: number): { start: number; end: number } {
    const { ranges } = this;
    const index = lastAtOrBefore(this.#starts, address);
    const code = this.elf.code.find(r => address >= r.start && address < r.end);
    const before = ranges[index]?.end ?? 0;
    const after = ranges[index + 1]?.start ?? Number.POSITIVE_INFINITY;
    return { start: Math.max(code?.start ?? address, before), end: Math.min(code?.end ?? address, after) };
  }

  /** The scan of a range will be asked for soon. */
  expectScan(index: number): void {
    if (this.#scans[index] === undefined) this.#ahead?.expect(index);
  }

  /** What the code of a range refers to. Computed once. */
  scanRange(index: number): FunctionScan {
    let scan = this.knownScan(index);
    if (scan === undefined && this.#ahead !== undefined) {
      scan = this.#ahead.take(index);
      if (scan !== undefined) {
        this.#scans[index] = scan;
        this.newScans++;
      }
    }
    if (scan === undefined) {
      const range = this.ranges[index];
      if (range === undefined) throw new RangeError(`no range ${index}`);
      this.#scanner ??= new Scanner(this);
      scan = this.#scanner.range(range.start, range.end);
      this.#scans[index] = scan;
      this.newScans++;
    }
    return scan;
  }

  /** The same, if it was computed before, in this run or in the one that left a summary. */
  knownScan(index: number): FunctionScan | undefined {
    let scan = this.#scans[index];
    if (scan === undefined && this.#summary !== undefined) {
      scan = this.#summary.scan(index);
      if (scan !== undefined) this.#scans[index] = scan;
    }
    return scan;
  }

  /** What the code from an address outside of all ranges refers to, and where its instructions are. */
  scanFrom(
    entry: number,
    isEntry: (address: number) => boolean,
    opened: OpenStretches,
  ): { readonly scan: FunctionScan; readonly code: readonly number[] } {
    this.#scanner ??= new Scanner(this);
    return this.#scanner.descent(entry, isEntry, opened);
  }

  /** Lifts one instruction without context. */
  liftAt(address: number, out: Insn): void {
    const offset = this.elf.offsetOf(address);
    this.lifter.reset();
    this.lifter.lift(address, offset < 0 ? this.elf.bytes.length : offset, this.elf.bytes.length, out);
  }

  /**
   * The GOT slot through which a stub at `address` jumps at once, or -1: entries of the PLT, whatever their form.
   */
  thunkSlot(address: number): number {
    const known = this.#thunks.get(address);
    if (known !== undefined) return known;
    const slot = this.#readThunk(address);
    this.#thunks.set(address, slot);
    return slot;
  }

  #readThunk(address: number): number {
    const insn = this.#insn;
    const { bytes } = this.elf;
    let at = address;
    this.lifter.reset();
    for (let i = 0; i < 5; i++) {
      const offset = this.elf.offsetOf(at);
      if (offset < 0) return -1;
      this.lifter.lift(at, offset, bytes.length, insn);
      if (insn.flow === Flow.jumpIndirect) {
        return insn.memory && insn.ref >= 0 && this.slots.has(insn.ref) ? insn.ref : -1;
      }
      const isStubPart =
        insn.nop ||
        insn.op === Op.constant ||
        insn.op === Op.load ||
        insn.op === Op.add ||
        insn.op === Op.none;
      if (insn.flow !== Flow.next || !isStubPart || insn.stack !== 0) return -1;
      at += insn.length;
    }
    return -1;
  }

  /** The dynamic symbols that this file defines, by name. */
  get exports(): Exports {
    this.#exports ??= new Exports(this.elf.dynamicSymbols);
    return this.#exports;
  }

  /** Name of the function at or before an address, as far as symbols tell. */
  functionName(address: number): string | undefined {
    const own = this.#ownFunction(address);
    if (own !== undefined) return own.name;
    this.#names ??= collectNames(this);
    const index = lastAtOrBefore(this.#names.starts, address);
    const start = this.#names.starts[index];
    if (start === undefined) return undefined;
    const range = this.ranges[this.rangeIndex(address)];
    // A name belongs to an address when it names a place in the same range, or when the symbol is as large.
    const end = start + (this.#names.sizes[index] ?? 0);
    if (range !== undefined ? start < range.start : address !== start && address >= end) return undefined;
    return this.#names.names[index];
  }

  /** Whether the language's own tables list a function that holds an address. */
  isOwnFunction(address: number): boolean {
    if (this.language === undefined) return false;
    this.#own ??= joined(this.language.functions);
    for (const r of this.#own) if (address >= r.start && address < r.end) return true;
    return false;
  }

  #ownFunction(address: number): KnownFunction | undefined {
    if (this.language === undefined) return undefined;
    this.#ownStarts ??= Float64Array.from(this.language.functions, f => f.start);
    const f = this.language.functions[lastAtOrBefore(this.#ownStarts, address)];
    return f !== undefined && address < f.end ? f : undefined;
  }

  /** True for glibc's libc.so.6 and ld.so, whose source says how they use their data. */
  get isGlibc(): boolean {
    this.#isGlibc ??= this.exports.has("__libc_early_init") || this.exports.has("_rtld_global");
    return this.#isGlibc;
  }

  /**
   * The data object that holds a word: by its symbol. Without one, in glibc the word alone, since its hidden variables
   * that we ask for are single words; elsewhere everything from the start of the section on.
   */
  objectAround(address: number, size: number): { readonly start: number; readonly end: number } {
    for (const symbols of [this.elf.staticSymbols, this.elf.dynamicSymbols]) {
      for (const s of symbols) {
        if (
          s.type === STT.object &&
          s.section !== 0 &&
          address >= s.value &&
          address + size <= s.value + s.size
        ) {
          return { start: s.value, end: s.value + s.size };
        }
      }
    }
    if (this.isGlibc) return { start: address, end: address + size };
    const start = this.elf.sectionOf(address)?.address ?? this.elf.segmentOf(address)?.address ?? 0;
    return { start, end: address + size };
  }

  /** Addresses that function symbols name. */
  get entryAddresses(): ReadonlySet<number> {
    if (this.#entryAddresses === undefined) {
      this.#entryAddresses = new Set();
      for (const symbols of [this.elf.dynamicSymbols, this.elf.staticSymbols]) {
        for (const s of symbols) {
          if (s.section !== 0 && (s.type === STT.func || s.type === STT.ifunc))
            this.#entryAddresses.add(s.value);
        }
      }
    }
    return this.#entryAddresses;
  }

  /** Starts of functions in code that no range covers, ascending: cuts for descent, not promises. */
  get entryHints(): Float64Array {
    this.#entryHints ??= findEntryHints(this);
    return this.#entryHints;
  }
}
