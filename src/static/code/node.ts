import type { FunctionScan } from "../model.ts";
import type { Module } from "./module.ts";

/** When code can run, as bits: in ld.so before the program, before main in constructors, from main on. */
export const Phases = { loader: 1, startup: 2, main: 4 } as const;

/** All phases from the earliest of `mask` on: what has been given an address to can call it at any later time. */
export function fromThenOn(mask: number): number {
  return (mask & Phases.loader) !== 0 ? 7 : (mask & Phases.startup) !== 0 ? 6 : mask;
}

/** How control got to a function. */
export type Link = "call" | "jump" | "taken" | "data" | "landing-pad" | "root";

/** A place that control comes from: with the registers as they are before a call, or after a jump or whatever runs on. */
export interface Caller {
  readonly node: FunctionNode;
  readonly site: number;
  /** True for a call, which pushes a return address on some machines; false for a jump. */
  readonly isCall: boolean;
}

// Most functions have neither, and there are many functions.
const NO_INTERIOR: ReadonlyMap<number, readonly Caller[]> = new Map();
const NO_LABELS: ReadonlySet<number> = new Set();

/** A function that can be reached. */
export class FunctionNode {
  readonly module: Module;
  readonly start: number;
  readonly end: number;
  /** Index in `module.ranges`; -1 when found by descent. */
  readonly range: number;
  #scan: FunctionScan | undefined;
  /** Addresses of its instructions when found by descent. */
  readonly code: readonly number[] | undefined;
  #returns: boolean | undefined;
  #interior: Map<number, Caller[]> | undefined;
  #labels: Set<number> | undefined;
  /** Phases in which it can run. */
  mask = 0;
  /** First link that reached it. */
  parent: FunctionNode | undefined;
  parentSite = -1;
  link: Link = "root";
  /** Why it is a root. */
  rootReason: string | undefined;
  /** Steps from a root. */
  depth = 0;
  /** True when something may call it that is not in `callers`: a root, or its address is a value somewhere. */
  hasUnknownCallers = false;
  readonly callers: Caller[] = [];
  /** Control that enters elsewhere than at the start, by address. */
  get interior(): ReadonlyMap<number, readonly Caller[]> {
    return this.#interior ?? NO_INTERIOR;
  }
  /** Addresses other than its start that are values somewhere: unknown control may enter there. */
  get labels(): ReadonlySet<number> {
    return this.#labels ?? NO_LABELS;
  }
  /** Functions that run when this one does, and functions whose address it hands out. */
  readonly next: FunctionNode[] = [];
  readonly handsOut: FunctionNode[] = [];
  /** Of `handsOut`, what only tables in other files hold that it mentions, and whose tables these are. */
  elsewhere: Map<FunctionNode, Set<Module>> | undefined;

  /** @param scan what descent found; of a range, it is read when it is asked for */
  constructor(
    module: Module,
    start: number,
    end: number,
    range: number,
    scan: FunctionScan | undefined,
    code: readonly number[] | undefined,
  ) {
    this.module = module;
    this.start = start;
    this.end = end;
    this.range = range;
    this.#scan = scan;
    this.code = code;
  }

  /** What its code refers to. */
  get scan(): FunctionScan {
    this.#scan ??= this.module.scanRange(this.range);
    return this.#scan;
  }

  addInterior(address: number, caller: Caller): void {
    this.#interior ??= new Map();
    const list = this.#interior.get(address);
    if (list === undefined) this.#interior.set(address, [caller]);
    else list.push(caller);
  }

  addLabel(address: number): void {
    this.#labels ??= new Set();
    this.#labels.add(address);
  }

  /** Whether control can come back from a call of it: false for `abort` and its kin. */
  get returns(): boolean {
    if (this.#returns === undefined) {
      const isEndless = this.module.language?.endless.has(this.start) === true;
      // While functions that jump in a circle are looked at, each counts as one that returns.
      this.#returns = true;
      this.#returns = !isEndless && (this.scan.returns || this.#tailReturns());
    }
    return this.#returns;
  }

  /** Whether something that it jumps to or runs into can return; stubs lead who knows where. */
  #tailReturns(): boolean {
    for (let i = 1; i < this.scan.jumps.length; i += 2) {
      const target = this.scan.jumps[i] ?? 0;
      const next = this.next.find(n => n.module === this.module && target >= n.start && target < n.end);
      if (next === undefined || next.returns) return true;
    }
    return false;
  }

  /** Shown to the user: its symbol, or `sub_ADDRESS` where it has none. */
  get name(): string {
    return this.module.functionName(this.start) ?? `sub_${this.start.toString(16)}`;
  }
}
