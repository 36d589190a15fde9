import type { Module } from "../code/module.ts";

/** A known number; with `module` also an address in that module. Exact up to 2^53, signed or unsigned as computed. */
export interface ConstantValue {
  readonly kind: "constant";
  readonly value: number;
  readonly module: Module | undefined;
}

/** An address on the function's own stack frame, relative to the stack pointer at its entry. */
export interface StackValue {
  readonly kind: "stack";
  readonly offset: number;
}

/** What a register, or a stack slot, held when control came in at `at`, plus a constant. */
export interface EntryValue {
  readonly kind: "entry";
  readonly at: number;
  /** Register, or -1: then the slot at `slot` relative to the stack pointer at the function's start. */
  readonly register: number;
  readonly slot: number;
  readonly add: number;
  /** Cut to 32 bits and zero-extended. */
  readonly narrow: boolean;
}

/** What memory holds at an address that the caller knows. */
export interface DerefValue {
  readonly kind: "deref";
  readonly pointer: EntryValue;
  readonly offset: number;
  readonly size: number;
  readonly narrow: boolean;
}

/** Nothing is known, and why. */
export interface UnknownValue {
  readonly kind: "unknown";
  readonly why: Unknown;
  /** Address of the instruction that it comes from. */
  readonly site: number;
}

export type Unknown =
  | "memory"
  | "call-result"
  | "syscall-result"
  | "arithmetic"
  | "overwritten"
  | "unknown-caller"
  | "program-start"
  | "no-way"
  | "too-complex";

export type Value = ConstantValue | StackValue | EntryValue | DerefValue | UnknownValue;

/** The same text for the same value. */
export function valueKey(v: Value): string {
  switch (v.kind) {
    case "constant":
      return v.module === undefined ? `c${v.value}` : `c${v.value}@${v.module.id}`;
    case "stack":
      return `s${v.offset}`;
    case "entry":
      return `e${v.at}.${v.register}.${v.slot}.${v.add}${v.narrow ? "n" : ""}`;
    case "deref":
      return `d(${valueKey(v.pointer)}).${v.offset}.${v.size}${v.narrow ? "n" : ""}`;
    default:
      return `u${v.why}.${v.site}`;
  }
}

/** A set of values without duplicates. Past the limit it holds one unknown value besides. */
export class ValueSet {
  readonly #byKey = new Map<string, Value>();
  static readonly limit = 1024;

  add(value: Value): void {
    if (this.#byKey.size >= ValueSet.limit) {
      this.#byKey.set("too-complex", { kind: "unknown", why: "too-complex", site: -1 });
      return;
    }
    this.#byKey.set(valueKey(value), value);
  }

  get values(): Value[] {
    return [...this.#byKey.values()];
  }
}

export function constant(value: number, module?: Module): ConstantValue {
  return { kind: "constant", value, module };
}

export function unknown(why: Unknown, site: number): UnknownValue {
  return { kind: "unknown", why, site };
}

const WORD = 0x1_0000_0000;

/** The low 32 bits, unsigned. */
export function low32(value: number): number {
  const rest = value % WORD;
  return rest < 0 ? rest + WORD : rest;
}

/** A value cut to 32 bits and zero-extended, as 32-bit operations leave it. */
export function narrowed(v: Value): Value {
  switch (v.kind) {
    case "constant":
      return v.value >= 0 && v.value < WORD ? v : constant(low32(v.value));
    case "entry":
    case "deref":
      return v.narrow ? v : { ...v, narrow: true };
    case "stack":
      return unknown("arithmetic", -1);
    default:
      return v;
  }
}
