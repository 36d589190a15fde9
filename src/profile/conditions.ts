import type { Condition, OperatorName } from "./document.ts";
import { type FunctionId, type FunctionStore, TooComplex } from "./function-store.ts";

/** How conditions are chosen: the operators people read, or masks alone, which libseccomp never mixes up. */
export type ConditionStyle = "readable" | "masks";

/** More rules for one syscall than this are not worth writing. */
const MAX_PIECES = 256;
/** Up to so many values are written one by one. */
const FEW = 8;

interface Cube {
  readonly mask: bigint;
  readonly value: bigint;
}

/** Writes sets of values of one argument as conditions. */
class ArgumentWriter {
  readonly store: FunctionStore;
  readonly index: number;
  readonly bits: 32 | 64;

  constructor(store: FunctionStore, index: number, bits: 32 | 64) {
    this.store = store;
    this.index = index;
    this.bits = bits;
  }

  get end(): number {
    return (this.index + 1) * 64;
  }

  get all(): bigint {
    return (1n << BigInt(this.bits)) - 1n;
  }

  /** The functions that are left once this argument is known, each with the set of values that leads to it. */
  parts(id: FunctionId): Map<FunctionId, FunctionId> {
    const leaves = new Set<FunctionId>();
    const seen = new Set<FunctionId>();
    const collect = (at: FunctionId): void => {
      if (seen.has(at)) return;
      seen.add(at);
      const variable = this.store.variable(at);
      if (variable >= this.end) {
        leaves.add(at);
        return;
      }
      collect(this.store.branch(at, variable, false));
      collect(this.store.branch(at, variable, true));
    };
    collect(id);
    return new Map([...leaves].map(leaf => [leaf, this.indicator(id, leaf, new Map())]));
  }

  private indicator(at: FunctionId, leaf: FunctionId, done: Map<FunctionId, FunctionId>): FunctionId {
    const variable = this.store.variable(at);
    if (variable >= this.end) return this.store.constant(at === leaf ? 1 : 0);
    const known = done.get(at);
    if (known !== undefined) return known;
    const low = this.indicator(this.store.branch(at, variable, false), leaf, done);
    const high = this.indicator(this.store.branch(at, variable, true), leaf, done);
    const made = this.store.node(variable, low, high);
    done.set(at, made);
    return made;
  }

  private least(set: FunctionId, wanted: 0 | 1): bigint {
    return this.store.find(set, value => value === wanted)?.[this.index] ?? 0n;
  }

  private greatest(set: FunctionId, wanted: 0 | 1): bigint {
    let value = 0n;
    let at = set;
    for (let bit = this.bits - 1; bit >= 0; bit--) {
      const variable = this.index * 64 + 63 - bit;
      const high = this.store.branch(at, variable, true);
      const possible = this.store.find(high, found => found === wanted) !== undefined;
      if (possible) value |= 1n << BigInt(bit);
      at = possible ? high : this.store.branch(at, variable, false);
    }
    return value;
  }

  private is(
    set: FunctionId,
    operator: "eq" | "gt" | "ge",
    value: bigint,
    mask: bigint,
    negated = false,
  ): boolean {
    const bits = { argument: this.index, lowest: 0, width: this.bits };
    const made = this.store.comparison(bits, operator, mask, value);
    const [yes, no] = [this.store.constant(1), this.store.constant(0)];
    return set === (negated ? this.store.select(made, no, yes) : made);
  }

  private condition(op: OperatorName, value: bigint): Condition {
    return { index: this.index, value, op };
  }

  /** Disjoint conditions that hold together exactly on a set of values. */
  conditions(set: FunctionId, style: ConditionStyle): Condition[] {
    return (
      (style === "readable" ? this.readable(set) : undefined) ??
      this.cubes(set).map(cube => this.masked(cube))
    );
  }

  private readable(set: FunctionId): Condition[] | undefined {
    const { all } = this;
    const least = this.least(set, 1);
    if (this.is(set, "eq", least, all)) return [this.condition("SCMP_CMP_EQ", least)];
    if (this.is(set, "ge", least, all)) return [this.condition("SCMP_CMP_GE", least)];
    const [from, to] = [this.least(set, 0), this.greatest(set, 0)];
    if (this.is(set, "eq", from, all, true)) return [this.condition("SCMP_CMP_NE", from)];
    if (this.is(set, "ge", from, all, true)) return [this.condition("SCMP_CMP_LT", from)];
    const few = this.fewValues(set);
    if (few !== undefined) return few.map(value => this.condition("SCMP_CMP_EQ", value));
    // All values outside an interval: below it or above it.
    if (from === 0n || to === all || !this.isOutside(set, from, to)) return undefined;
    return [this.condition("SCMP_CMP_LT", from), this.condition("SCMP_CMP_GT", to)];
  }

  /** The values of a set in order when they are so few that people would rather read them one by one. */
  private fewValues(set: FunctionId): bigint[] | undefined {
    const values: bigint[] = [];
    const visit = (at: FunctionId, bit: number, value: bigint): boolean => {
      if (this.store.constantValue(at) === 0) return true;
      if (bit < 0) return values.push(value) <= FEW;
      const variable = this.index * 64 + 63 - bit;
      const high = value | (1n << BigInt(bit));
      return (
        visit(this.store.branch(at, variable, false), bit - 1, value) &&
        visit(this.store.branch(at, variable, true), bit - 1, high)
      );
    };
    return visit(set, this.bits - 1, 0n) ? values : undefined;
  }

  private isOutside(set: FunctionId, from: bigint, to: bigint): boolean {
    const bits = { argument: this.index, lowest: 0, width: this.bits };
    const above = this.store.comparison(bits, "gt", this.all, to);
    const notBelow = this.store.comparison(bits, "ge", this.all, from);
    return set === this.store.select(notBelow, above, this.store.constant(1));
  }

  private masked({ mask, value }: Cube): Condition {
    if (mask === this.all) return this.condition("SCMP_CMP_EQ", value);
    return { index: this.index, value: mask, valueTwo: value, op: "SCMP_CMP_MASKED_EQ" };
  }

  private cubes(set: FunctionId): Cube[] {
    const cubes: Cube[] = [];
    const visit = (at: FunctionId, cube: Cube): void => {
      const value = this.store.constantValue(at);
      if (value === 1) cubes.push(cube);
      if (cubes.length > MAX_PIECES)
        throw new TooComplex(`argument ${this.index} takes too many separate values`);
      if (value !== undefined) return;
      const variable = this.store.variable(at);
      const weight = 1n << BigInt(63 - (variable & 63));
      const mask = cube.mask | weight;
      visit(this.store.branch(at, variable, false), { mask, value: cube.value });
      visit(this.store.branch(at, variable, true), { mask, value: cube.value | weight });
    };
    visit(set, { mask: 0n, value: 0n });
    return cubes;
  }
}

/** One rule of a syscall: an encoded action where all conditions hold. */
export interface WrittenRule {
  readonly action: number;
  readonly conditions: readonly Condition[];
}

/**
 * Disjoint rules that give a function wherever it is not `fallback`. No rule has two conditions on one argument.
 * @param bits of an argument; on 32-bit ABIs only low halves are looked at
 * @throws TooComplex when there would be too many
 */
export function rulesFor(
  store: FunctionStore,
  id: FunctionId,
  fallback: FunctionId,
  bits: 32 | 64,
  style: ConditionStyle,
): WrittenRule[] {
  const rules: WrittenRule[] = [];
  const visit = (at: FunctionId, conditions: readonly Condition[]): void => {
    if (at === fallback) return;
    const action = store.constantValue(at);
    if (action !== undefined) {
      rules.push({ action, conditions });
      if (rules.length > MAX_PIECES) throw new TooComplex(`more than ${MAX_PIECES} rules would be needed`);
      return;
    }
    const writer = new ArgumentWriter(store, store.variable(at) >> 6, bits);
    for (const [next, set] of writer.parts(at)) {
      if (next === fallback) continue;
      for (const condition of writer.conditions(set, style)) visit(next, [...conditions, condition]);
    }
  };
  visit(id, []);
  return rules;
}
