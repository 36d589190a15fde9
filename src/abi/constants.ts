import type { AbiName } from "./abi.ts";
import { CONSTANTS } from "./constants.gen.ts";

/** A set of named values, such as the address families. */
export type ConstantSet = keyof typeof CONSTANTS;

export interface Constant {
  readonly name: string;
  /** Not negative; `int` constants below zero are their 32 bits, `AT_FDCWD` is 0xffffff9c. */
  readonly value: bigint;
}

const loaded = new Map<string, readonly Constant[]>();

function load(abi: AbiName, set: ConstantSet): readonly Constant[] {
  const values = new Map<string, string>();
  let name = "";
  for (const line of CONSTANTS[set].split("\n")) {
    const [first = "", second = "", third = ""] = line.split(" ");
    if (first !== "") {
      name = first;
      values.set(name, second);
    } else if (second.split(",").includes(abi)) {
      values.set(name, third);
    }
  }
  return [...values]
    .filter(([, value]) => value !== "-")
    .map(([constant, value]) => ({ name: constant, value: BigInt(value) }));
}

/**
 * The names that a set has on an ABI, in the order of the kernel's headers; of two names for one value the first is
 * the usual one. Sources: tools/data/constants.tsv.
 */
export function constantsOf(abi: AbiName, set: ConstantSet): readonly Constant[] {
  const key = `${abi} ${set}`;
  let found = loaded.get(key);
  if (found === undefined) {
    found = load(abi, set);
    loaded.set(key, found);
  }
  return found;
}

let everyConstant: { abi: AbiName; values: Map<string, bigint> } | undefined;

/** The value that a name has on an ABI in any set, `PROT_EXEC` say; undefined for unknown names. */
export function constantByName(abi: AbiName, name: string): bigint | undefined {
  if (everyConstant?.abi !== abi) {
    const sets = Object.keys(CONSTANTS) as ConstantSet[];
    const all = sets.flatMap(set => constantsOf(abi, set));
    everyConstant = { abi, values: new Map(all.map(constant => [constant.name, constant.value])) };
  }
  return everyConstant.values.get(name);
}

/** Sets whose values are or-ed together: in the order of their definition, and the one with most bits first. */
export interface Flags {
  readonly ordered: readonly Constant[];
  readonly widestFirst: readonly Constant[];
}

const loadedFlags = new Map<string, Flags>();

function bitCount(value: bigint): number {
  return value.toString(2).replaceAll("0", "").length;
}

export function flagsOf(abi: AbiName, sets: readonly ConstantSet[]): Flags {
  const key = [abi, ...sets].join(" ");
  let found = loadedFlags.get(key);
  if (found === undefined) {
    const ordered = sets.flatMap(set => constantsOf(abi, set));
    const widestFirst = ordered
      .filter(flag => flag.value !== 0n)
      .sort((a, b) => bitCount(b.value) - bitCount(a.value));
    found = { ordered, widestFirst };
    loadedFlags.set(key, found);
  }
  return found;
}
