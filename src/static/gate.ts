import { fromThenOn, type FunctionNode } from "./code/node.ts";
import type { Module } from "./code/module.ts";
import { cellsBetween, dataCells, type Cell, type DataFollower, type DataGate } from "./data.ts";
import type { Range } from "./elf/image.ts";
import { newInsn, Ref, type Machine } from "./ir.ts";
import { lastAtOrBefore } from "./sorted.ts";

/** GCC for x86-64 aligns static aggregates of 32 bytes and more to 32 bytes, so that a new one begins only there. */
const ALIGNMENT: Readonly<Record<Machine["name"], number>> = { x86_64: 32, aarch64: 8 };
/** Constant data and the functions of streams, cut at mentioned addresses. */
const CUT = [".data.rel.ro", "__libc_IO_vtables"];
/** Arrays that are walked from their start to their end. */
const WHOLE = ["__libc_subfreeres", "__libc_atexit"];
/** An address this close before a boundary may be the base of `table[i - 1]`, whose table begins at the boundary. */
const SLACK = 16;

/** Boundaries do not depend on what is reached. */
const known = new WeakMap<Module, Float64Array>();

/**
 * Follows pointers in glibc's constant data only from addresses that reached code mentions. libc.so.6 carries tables of
 * functions that hardly any program uses (sunrpc, the resolver, name services); following all of them costs every
 * program some twenty syscalls.
 *
 * Boundaries are the aligned addresses in `.data.rel.ro` that any code or data of the file mentions. This holds for
 * constant data of glibc, where code mentions objects by their starts: `bench/static-glibc-objects.js` checks each mention
 * against the debug symbols of a build. It is done for no other file.
 */
export class ConstantDataGate implements DataGate {
  readonly module: Module;
  readonly #ranges: readonly Range[];
  /** Ascending; the end of each range is among them. */
  readonly #boundaries: Float64Array;
  readonly #cells: readonly Cell[];
  readonly #cellStarts: Float64Array;
  /** Phases in which each part between two boundaries is used. */
  readonly #active: Uint8Array;

  constructor(module: Module, ranges: readonly Range[], boundaries: Float64Array) {
    this.module = module;
    this.#ranges = ranges;
    this.#boundaries = boundaries;
    this.#cells = dataCells(module).filter(c => this.holds(c.address));
    this.#cellStarts = Float64Array.from(this.#cells, c => c.address);
    this.#active = new Uint8Array(boundaries.length);
  }

  /** The gate for a module; undefined for anything but a glibc libc with sections. */
  static of(module: Module): ConstantDataGate | undefined {
    if (!module.exports.has("__libc_early_init") || module.elf.dynamic?.soname !== "libc.so.6")
      return undefined;
    const sections = module.elf.sections.filter(s => s.size > 0 && [...CUT, ...WHOLE].includes(s.name));
    const ranges = sections
      .map(s => ({ start: s.address, end: s.address + s.size }))
      .sort((a, b) => a.start - b.start);
    const cut = ranges.filter(r => sections.some(s => s.address === r.start && CUT.includes(s.name)));
    if (cut.length === 0) return undefined;
    let boundaries = known.get(module);
    if (boundaries === undefined) {
      const found = mentionedIn(module, cut);
      for (const r of ranges) {
        found.add(r.start);
        found.add(r.end);
      }
      boundaries = Float64Array.from(found).sort();
      known.set(module, boundaries);
    }
    return new ConstantDataGate(module, ranges, boundaries);
  }

  holds(address: number): boolean {
    return this.#ranges.some(r => address >= r.start && address < r.end);
  }

  /** Reached code or data mentions an address: what is there, and what may be meant, counts from now on. */
  mention(
    data: DataFollower,
    address: number,
    mask: number,
    from: FunctionNode | undefined,
    site: number,
  ): void {
    const part = lastAtOrBefore(this.#boundaries, address);
    if (part >= 0) this.#use(data, part, mask, from, site);
    const next = this.#boundaries[part + 1];
    if (next !== undefined && next - address <= SLACK) this.#use(data, part + 1, mask, from, site);
  }

  #use(data: DataFollower, part: number, mask: number, from: FunctionNode | undefined, site: number): void {
    const phases = fromThenOn(mask);
    const before = this.#active[part] ?? 0;
    if ((before | phases) === before) return;
    this.#active[part] = before | phases;
    const start = this.#boundaries[part] ?? Number.POSITIVE_INFINITY;
    const end = this.#boundaries[part + 1] ?? Number.POSITIVE_INFINITY;
    for (const cell of cellsBetween(this.#cells, this.#cellStarts, start, end)) {
      data.activate(this.module, cell, phases, from, site);
    }
  }
}

/** Aligned addresses in some ranges of data that code or data of the module mentions. */
function mentionedIn(module: Module, ranges: readonly Range[]): Set<number> {
  const found = new Set<number>();
  const isInside = (address: number): boolean => ranges.some(r => address > r.start && address < r.end);
  const isStart = (address: number): boolean =>
    address % ALIGNMENT[module.machine.name] === 0 && isInside(address);
  const insn = newInsn();
  const around = { start: Math.min(...ranges.map(r => r.start)), end: Math.max(...ranges.map(r => r.end)) };
  for (const [index, range] of module.ranges.entries()) {
    if (!mayMention(module, range, around, ALIGNMENT[module.machine.name])) continue;
    const { data } = module.scanRange(index);
    for (let i = 0; i < data.length; i += 2) {
      const address = data[i + 1] ?? 0;
      if (!isStart(address)) continue;
      module.liftAt(data[i] ?? 0, insn);
      if (insn.ref === address ? insn.refKind === Ref.taken || insn.refKind === Ref.indexed : true)
        found.add(address);
    }
  }
  const { addend, count } = module.elf.relocations;
  for (let row = 0; row < count; row++) if (isStart(addend[row] ?? 0)) found.add(addend[row] ?? 0);
  for (const s of module.elf.dynamicSymbols) if (s.section !== 0 && isInside(s.value)) found.add(s.value);
  return found;
}

/** A look at the bytes of a function, so that not all of them have to be decoded. */
function mayMention({ elf, machine }: Module, code: Range, data: Range, alignment: number): boolean {
  const offset = elf.offsetOf(code.start);
  if (offset < 0) return false;
  return machine.mayMention(
    elf.bytes.subarray(offset, offset + code.end - code.start),
    code.start,
    data,
    alignment,
  );
}
