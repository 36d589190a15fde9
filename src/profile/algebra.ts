import type { AbiName } from "../abi/abi.ts";
import { syscallByNumber } from "../abi/syscalls.ts";
import { type Action, compareActions, decodeAction, encodeAction, letsThrough } from "./action.ts";
import { type FunctionId, type FunctionStore, Operation } from "./function-store.ts";
import { type AbiFunctions, functionFor, type ProfileFunctions } from "./functions.ts";

function milder(a: number, b: number): number {
  return compareActions(decodeAction(a), decodeAction(b)) >= 0 ? a : b;
}

function stricter(a: number, b: number): number {
  return compareActions(decodeAction(a), decodeAction(b)) <= 0 ? a : b;
}

function opens(value: number): boolean {
  return letsThrough(decodeAction(value));
}

/** Numbers that either profile singles out on an ABI, ascending. */
function numbersOf(a: AbiFunctions | undefined, b: AbiFunctions | undefined): number[] {
  return [...new Set([...(a?.numbers.keys() ?? []), ...(b?.numbers.keys() ?? [])])].sort((x, y) => x - y);
}

function fallbackOf(profile: ProfileFunctions, abi: AbiName): FunctionId {
  return profile.abis.get(abi)?.fallback ?? profile.store.constant(encodeAction(profile.unlisted));
}

/** Flags that both ask for: each makes a filter stricter or louder, SPEC_ALLOW makes it weaker. */
function commonFlags(a: ProfileFunctions, b: ProfileFunctions): ProfileFunctions["flags"] {
  if (a.flags === undefined || b.flags === undefined) return a.flags ?? b.flags;
  const both = b.flags;
  return a.flags.filter(flag => both.includes(flag));
}

/** Combines two profiles of one store at every point. */
function pointwise(a: ProfileFunctions, b: ProfileFunctions, operation: Operation): ProfileFunctions {
  if (a.store !== b.store) throw new RangeError("profiles of two stores cannot be combined");
  const { store } = a;
  const abis = new Map<AbiName, AbiFunctions>();
  for (const abi of new Set([...a.abis.keys(), ...b.abis.keys()])) {
    const fallback = store.combine(operation, fallbackOf(a, abi), fallbackOf(b, abi));
    const numbers = new Map<number, FunctionId>();
    for (const number of numbersOf(a.abis.get(abi), b.abis.get(abi))) {
      const id = store.combine(operation, functionFor(a, abi, number), functionFor(b, abi, number));
      if (id !== fallback) numbers.set(number, id);
    }
    abis.set(abi, { fallback, numbers });
  }
  const unlisted = decodeAction(operation.compute(encodeAction(a.unlisted), encodeAction(b.unlisted)));
  return { store, native: a.native, abis, unlisted, flags: commonFlags(a, b) };
}

const unions = new WeakMap<FunctionStore, Operation>();
const intersections = new WeakMap<FunctionStore, Operation>();

function remembered(
  operations: WeakMap<FunctionStore, Operation>,
  store: FunctionStore,
  compute: (a: number, b: number) => number,
): Operation {
  const known = operations.get(store);
  if (known !== undefined) return known;
  const made = new Operation(compute);
  operations.set(store, made);
  return made;
}

/** For every call the milder of both answers, so that a call is let through when either profile does. */
export function union(a: ProfileFunctions, b: ProfileFunctions): ProfileFunctions {
  return pointwise(a, b, remembered(unions, a.store, milder));
}

/** For every call the stricter of both answers: what the kernel does with both filters attached. */
export function intersection(a: ProfileFunctions, b: ProfileFunctions): ProfileFunctions {
  return pointwise(a, b, remembered(intersections, a.store, stricter));
}

/**
 * What `a` lets through and `b` does not; everything that both let through is answered with `denial`, the rest as
 * `a` answers it.
 */
export function difference(a: ProfileFunctions, b: ProfileFunctions, denial: Action): ProfileFunctions {
  const denied = encodeAction(denial);
  const result = pointwise(a, b, new Operation((x, y) => (opens(x) && opens(y) ? denied : x)));
  return { ...result, flags: a.flags };
}

/** A call on which two profiles differ. */
export interface Counterexample {
  readonly abi: AbiName;
  readonly number: number;
  /** By our tables, `syscall_NUMBER` where they have no name. */
  readonly name: string;
  readonly args: readonly bigint[];
  readonly first: Action;
  readonly second: Action;
}

/** A number of an ABI that neither profile singles out, so that the fallback answers it. */
function ordinaryNumber(a: AbiFunctions | undefined, b: AbiFunctions | undefined, base: number): number {
  const special = new Set(numbersOf(a, b));
  let number = base;
  while (special.has(number)) number++;
  return number;
}

/**
 * A call for which `wanted` holds of the answers of `a` and `b`: the first in the order of ABIs, numbers and
 * arguments. Undefined is a proof that there is none.
 */
export function findCall(
  a: ProfileFunctions,
  b: ProfileFunctions,
  wanted: (first: Action, second: Action) => boolean,
): Counterexample | undefined {
  const { store } = a;
  const operation = new Operation((x, y) => (wanted(decodeAction(x), decodeAction(y)) ? 1 : 0));
  for (const abi of new Set([...a.abis.keys(), ...b.abis.keys()])) {
    const [inA, inB] = [a.abis.get(abi), b.abis.get(abi)];
    const base = abi === "x32" ? 0x4000_0000 : 0;
    for (const number of [...numbersOf(inA, inB), ordinaryNumber(inA, inB, base)]) {
      const [f, g] = [functionFor(a, abi, number), functionFor(b, abi, number)];
      const args = store.find(store.combine(operation, f, g), value => value === 1);
      if (args === undefined) continue;
      const name = syscallByNumber(abi, number)?.name ?? `syscall_${number}`;
      const action = (id: FunctionId): Action => decodeAction(store.evaluate(id, args));
      return { abi, number, name, args, first: action(f), second: action(g) };
    }
  }
  return undefined;
}

/** A call that `a` lets through and `b` does not; undefined proves that `b` lets through all that `a` does. */
export function subsetCounterexample(a: ProfileFunctions, b: ProfileFunctions): Counterexample | undefined {
  return findCall(a, b, (first, second) => letsThrough(first) && !letsThrough(second));
}

/** A call that two profiles answer differently; undefined proves that they are the same function. */
export function inequality(a: ProfileFunctions, b: ProfileFunctions): Counterexample | undefined {
  return findCall(a, b, (first, second) => encodeAction(first) !== encodeAction(second));
}
