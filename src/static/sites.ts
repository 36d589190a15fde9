import type { FunctionNode } from "./code/node.ts";
import {
  valueKey,
  low32,
  unknown,
  type DerefValue,
  type EntryValue,
  type Unknown,
  type Value,
} from "./value/value.ts";
import type { ValueResolver } from "./value/resolve.ts";

const MAX_CONTEXTS = 2000;
/** Numbers beyond are not numbers of syscalls of any 64-bit Linux; x32's have bit 30. */
const LARGEST_NUMBER = 0x4000_0000 + 2048;

/** Alternatives of one argument that are followed further up; more say nothing any more. */
const MAX_ALTERNATIVES = 128;

/** Values of one argument at a site, over everything that leads there. */
export interface ArgumentSet {
  readonly values: Set<bigint>;
  complete: boolean;
}

/** A place in a function. */
export interface Step {
  readonly node: FunctionNode;
  readonly site: number;
}

/** One number that a site can ask for. */
export interface NumberAtSite {
  /** Arguments that were asked for, by index. */
  readonly arguments: Map<number, ArgumentSet>;
  /** Calls from the function that chooses the number down to the site's own; empty when that chooses it itself. */
  via: readonly Step[];
}

/** What one site that enters the kernel can ask for. */
export interface SiteResult {
  readonly node: FunctionNode;
  readonly address: number;
  readonly numbers: Map<number, NumberAtSite>;
  /** Why there may be more numbers than these, by the functions that the reasons lie in. */
  readonly unknown: ReadonlyMap<FunctionNode, Unknown>;
}

interface Context {
  readonly node: FunctionNode;
  readonly via: readonly Step[];
  readonly number: readonly Value[];
  readonly args: readonly (readonly Value[])[];
}

/** Finds the numbers and arguments of sites. `wanted` says which arguments of a number are worth knowing. */
export class SiteReader {
  readonly #values: ValueResolver;
  readonly #wanted: (number: number) => readonly number[];

  constructor(values: ValueResolver, wanted: (number: number) => readonly number[]) {
    this.#values = values;
    this.#wanted = wanted;
  }

  /** Reads one site. Where the number depends on a caller, each caller is looked at with its own arguments. */
  read(node: FunctionNode, address: number): SiteResult {
    const { machine } = node.module;
    const local = this.#values.local(node);
    const unknowns = new Map<FunctionNode, Unknown>();
    const because = (why: Unknown, where: FunctionNode): void => {
      if (!unknowns.has(where)) unknowns.set(where, why);
    };
    const result: SiteResult = { node, address, numbers: new Map(), unknown: unknowns };
    const number = local.register(address, machine.numberRegister);
    const isAsked = this.#askedOf(number);
    const first: Context = {
      node,
      via: [],
      number,
      args: machine.syscallArguments.map((r, i) => (isAsked(i) ? local.register(address, r) : [])),
    };
    // A site that nothing seems to lead to: better a gap than a call that is overlooked.
    if (first.number.length === 0) because("no-way", node);
    const todo = [first];
    const seen = new Set<string>();
    let contexts = 0;
    for (let context = todo.pop(); context !== undefined; context = todo.pop()) {
      const width = context.args.reduce((sum, values) => sum + values.length, 0);
      if (++contexts > MAX_CONTEXTS || !this.#values.effort.spend(10 * width)) {
        because("too-complex", context.node);
        break;
      }
      for (const value of context.number) {
        if (value.kind === "constant") {
          const number = low32(value.value);
          if (number <= LARGEST_NUMBER) this.#record(result, context, number);
        } else if (this.#recall(context, value, todo, seen)) {
          continue;
        } else if (value.kind === "entry" || value.kind === "deref") {
          if (this.#ascend(context, value, todo, seen)) because("unknown-caller", context.node);
        } else {
          because(value.kind === "unknown" ? value.why : "arithmetic", context.node);
        }
      }
    }
    return result;
  }

  /** Which arguments matter: those of the numbers, all while a number is not known. They are costly to find. */
  #askedOf(number: readonly Value[]): (index: number) => boolean {
    const asked = new Set<number>();
    for (const v of number) {
      if (v.kind === "entry" || v.kind === "deref") return () => true;
      if (v.kind === "constant") for (const index of this.#wanted(low32(v.value))) asked.add(index);
    }
    return index => asked.has(index);
  }

  /** Goes on at the callers; true when there may be others. */
  #ascend(context: Context, value: EntryValue | DerefValue, todo: Context[], seen: Set<string>): boolean {
    const { node } = context;
    const at = value.kind === "entry" ? value.at : value.pointer.at;
    const text = `${node.module.id}:${node.start}:${valueKey(value)}:${context.args.map(a => a.map(valueKey).join(",")).join(";")}`;
    if (seen.has(text)) return false;
    seen.add(text);
    for (const caller of this.#values.callers(node, at)) {
      const number = this.#values.atCaller(node, caller, value);
      const isAsked = this.#askedOf(number);
      const above = (v: Value): readonly Value[] => {
        if (v.kind !== "entry" && v.kind !== "deref") return [v];
        const isSameEntry = (v.kind === "entry" ? v.at : v.pointer.at) === at;
        return isSameEntry ? this.#values.atCaller(node, caller, v) : [unknown("too-complex", at)];
      };
      todo.push({
        node: caller.node,
        via: [{ node: caller.node, site: caller.site }, ...context.via],
        number,
        args: context.args.map((values, i) => (isAsked(i) ? few(values.flatMap(above), caller.site) : [])),
      });
    }
    return this.#values.hasUnknownCallers(node, at);
  }

  /** A number that the language is known to carry through memory: it is looked for where it was put there from. */
  #recall({ node, args }: Context, value: Value, todo: Context[], seen: Set<string>): boolean {
    const carried = node.module.language?.throughMemory.get(node.start);
    const isMemory = value.kind === "deref" || (value.kind === "unknown" && value.why === "memory");
    if (carried === undefined || !isMemory) return false;
    const text = `${node.module.id}:${node.start}:memory`;
    if (seen.has(text)) return true;
    seen.add(text);
    for (const { function: start, register, slot } of carried) {
      const source = this.#values.reached(node.module, start);
      if (source === undefined) continue;
      todo.push({
        node: source,
        via: [],
        number: [{ kind: "entry", at: start, register, slot, add: 0, narrow: false }],
        args: args.map(() => [unknown("memory", node.start)]),
      });
    }
    return true;
  }

  #record(result: SiteResult, context: Context, number: number): void {
    let known = result.numbers.get(number);
    if (known === undefined) {
      known = { arguments: new Map(), via: context.via };
      result.numbers.set(number, known);
    } else if (depthOf(context.node, context.via) < depthOf(result.node, known.via)) known.via = context.via;
    for (const index of this.#wanted(number)) {
      let set = known.arguments.get(index);
      if (set === undefined) {
        set = { values: new Set(), complete: true };
        known.arguments.set(index, set);
      }
      for (const v of this.#values.resolve(context.node, context.args[index] ?? [])) {
        if (v.kind === "constant" && v.module === undefined)
          set.values.add(BigInt.asUintN(64, BigInt(v.value)));
        else set.complete = false;
      }
    }
  }
}

/** Each value once; too many become one that nobody knows. */
function few(values: readonly Value[], site: number): readonly Value[] {
  const distinct = new Map(values.map(v => [valueKey(v), v]));
  return distinct.size > MAX_ALTERNATIVES ? [unknown("too-complex", site)] : [...distinct.values()];
}

/** Steps from a root to a site over the function that chooses the number. */
export function depthOf(node: FunctionNode, via: readonly Step[]): number {
  return (via[0]?.node ?? node).depth + via.length;
}
