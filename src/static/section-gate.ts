import type { FunctionNode } from "./code/node.ts";
import { fromThenOn } from "./code/node.ts";
import type { Module } from "./code/module.ts";
import { cellsBetween, dataCells, type Cell, type DataFollower, type DataGate } from "./data.ts";
import { gotRanges } from "./elf/got.ts";
import { SHF, SHT } from "./elf/layout.ts";
import { reachOf } from "./harmless.ts";

/** The base of `table[i - K]` may lie so far before the section that holds the table: 512 pointers, or a page on AArch64. */
const BEFORE = 4096;
/** One past the end of the last object in a section. */
const AFTER = 64;

interface Part {
  readonly start: number;
  readonly end: number;
  readonly cells: readonly Cell[];
  /** Phases in which the section is used. */
  active: number;
}

/**
 * Follows the pointers in a section of data only once reached code, or a pointer in other data, mentions an address in
 * it or close to it. A program that uses one function of a large library, such as `sd_notify`, is spared what the
 * library's tables lead to. Sections are as fine as is safe: an object may be reached by an address in its middle, or
 * before its start, but not without any mention of where it lies. Code that reads or writes a variable without a pointer in
 * it, where it lies, leads to nothing else.
 */
export class SectionGate implements DataGate {
  readonly #module: Module;
  readonly #parts: readonly Part[];

  constructor(module: Module, parts: readonly Part[]) {
    this.#module = module;
    this.#parts = parts;
  }

  /** Undefined for a file at a fixed address, without sections, or of a language whose tables say what runs. */
  static of(module: Module): SectionGate | undefined {
    const { elf } = module;
    if (!elf.isShared || module.language !== undefined) return undefined;
    const got = gotRanges(elf);
    const cells = dataCells(module);
    const starts = Float64Array.from(cells, c => c.address);
    const parts = elf.sections
      .filter(
        s => (s.flags & SHF.alloc) !== 0 && (s.flags & SHF.tls) === 0 && s.type !== SHT.nobits && s.size > 0,
      )
      .filter(s => !got.some(range => range.start === s.address))
      .map(s => ({ start: s.address, end: s.address + s.size, active: 0 }))
      .map(part => ({ ...part, cells: cellsBetween(cells, starts, part.start, part.end) }))
      .filter(part => part.cells.length > 0);
    return parts.length === 0 ? undefined : new SectionGate(module, parts);
  }

  holds(address: number): boolean {
    return this.#parts.some(part => address >= part.start && address < part.end);
  }

  mention(
    data: DataFollower,
    address: number,
    mask: number,
    from: FunctionNode | undefined,
    site: number,
  ): void {
    const phases = fromThenOn(mask);
    for (const part of this.#parts) {
      if (address < part.start - BEFORE || address >= part.end + AFTER) continue;
      if ((part.active | phases) === part.active) continue;
      const end = from === undefined || site < 0 ? undefined : reachOf(address, from, site);
      if (end !== undefined && !part.cells.some(c => c.address + 8 > address && c.address < end)) continue;
      part.active |= phases;
      for (const cell of part.cells) data.activate(this.#module, cell, phases, from, site);
    }
  }
}
