import { InputError } from "../errors.ts";
import { type Decision, type Test } from "../bpf/decision.ts";
import { TripleTable } from "./triple-table.ts";

/**
 * A function from six 64-bit arguments to a number, in a `FunctionStore`. Two functions of one store are equal
 * exactly when their ids are: each is kept as the one reduced, ordered binary decision diagram that it has
 * (R. E. Bryant, Graph-Based Algorithms for Boolean Function Manipulation, 1986, with numbers at the leaves).
 * Variables are the bits of the arguments, the first argument's highest first.
 */
export type FunctionId = number;

/** Bits of all arguments. */
const VARIABLES = 6 * 64;
/** Largest number of nodes; far beyond what any profile needs that a kernel would load. */
const MAX_NODES = 400_000;

/** A run of bits of one argument. */
export interface ComparedBits {
  readonly argument: number;
  /** Weight of the lowest bit. */
  readonly lowest: number;
  readonly width: number;
}

/** Raised when a function grows beyond all measure. */
export class TooComplex extends InputError {}

/** A pointwise operation on the numbers of two functions; it remembers what it has combined. */
export class Operation {
  readonly compute: (a: number, b: number) => number;
  readonly done: TripleTable = new TripleTable();

  constructor(compute: (a: number, b: number) => number) {
    this.compute = compute;
  }
}

export class FunctionStore {
  private readonly variables: number[] = [];
  private readonly lows: FunctionId[] = [];
  private readonly highs: FunctionId[] = [];
  private readonly unique = new TripleTable(4096);
  private readonly values: number[] = [];
  private readonly constants = new Map<number, FunctionId>();
  private readonly decisions = new WeakMap<Decision, FunctionId>();
  private readonly selections = new TripleTable(4096);
  private readonly predicates = new Map<string, FunctionId>();

  /** The function with the same value everywhere. Its id is negative, those of all others are not. */
  constant(value: number): FunctionId {
    let id = this.constants.get(value);
    if (id === undefined) {
      id = -1 - this.values.length;
      this.values.push(value);
      this.constants.set(value, id);
    }
    return id;
  }

  /** The value of a constant function, undefined for any other. */
  constantValue(id: FunctionId): number | undefined {
    return id < 0 ? this.values[-1 - id] : undefined;
  }

  /** The bit that decides first: 64 times the argument plus 63 minus the bit's weight; 384 for a constant. */
  variable(id: FunctionId): number {
    return id < 0 ? VARIABLES : (this.variables[id] ?? VARIABLES);
  }

  /** The function with its first bit, or another one before that, set or clear. */
  branch(id: FunctionId, variable: number, bit: boolean): FunctionId {
    if (this.variable(id) !== variable) return id;
    return (bit ? this.highs[id] : this.lows[id]) ?? id;
  }

  node(variable: number, low: FunctionId, high: FunctionId): FunctionId {
    if (low === high) return low;
    let id = this.unique.get(variable, low, high);
    if (id === undefined) {
      id = this.variables.length;
      if (id >= MAX_NODES) throw new TooComplex("the conditions on arguments are too complex to compare");
      this.variables.push(variable);
      this.lows.push(low);
      this.highs.push(high);
      this.unique.set(variable, low, high, id);
    }
    return id;
  }

  /** `operation` applied at every point. */
  combine(operation: Operation, f: FunctionId, g: FunctionId): FunctionId {
    if (f < 0 && g < 0) {
      const value = operation.compute(this.values[-1 - f] ?? 0, this.values[-1 - g] ?? 0);
      return this.constant(value);
    }
    const known = operation.done.get(f, g, 0);
    if (known !== undefined) return known;
    const at = Math.min(this.variable(f), this.variable(g));
    const low = this.combine(operation, this.branch(f, at, false), this.branch(g, at, false));
    const high = this.combine(operation, this.branch(f, at, true), this.branch(g, at, true));
    const made = this.node(at, low, high);
    operation.done.set(f, g, 0, made);
    return made;
  }

  /** `yes` where `predicate` is not 0, `no` elsewhere. */
  select(predicate: FunctionId, yes: FunctionId, no: FunctionId): FunctionId {
    if (yes === no) return yes;
    const decided = this.constantValue(predicate);
    if (decided !== undefined) return decided !== 0 ? yes : no;
    const known = this.selections.get(predicate, yes, no);
    if (known !== undefined) return known;
    const at = Math.min(this.variable(predicate), this.variable(yes), this.variable(no));
    const side = (bit: boolean): FunctionId =>
      this.select(this.branch(predicate, at, bit), this.branch(yes, at, bit), this.branch(no, at, bit));
    const made = this.node(at, side(false), side(true));
    this.selections.set(predicate, yes, no, made);
    return made;
  }

  /**
   * 1 where bits of an argument, masked, compare with a value as told, 0 elsewhere.
   */
  comparison(bits: ComparedBits, operator: Test["operator"], mask: bigint, value: bigint): FunctionId {
    const no = this.constant(0);
    const yes = this.constant(1);
    // Built from the lowest bit up; for an order, what has been built decides when all higher bits are equal.
    let made = operator === "gt" ? no : yes;
    for (let bit = 0; bit < bits.width; bit++) {
      const masked = ((mask >> BigInt(bit)) & 1n) === 1n;
      const set = ((value >> BigInt(bit)) & 1n) === 1n;
      const at = bits.argument * 64 + 63 - bits.lowest - bit;
      if (operator === "eq") {
        if (masked) made = set ? this.node(at, no, made) : this.node(at, made, no);
      } else if (masked) {
        made = set ? this.node(at, no, made) : this.node(at, made, yes);
      } else if (set) {
        // The masked word has a 0 where the value has a 1.
        made = no;
      }
    }
    return made;
  }

  /** 1 where a test of a word holds, 0 elsewhere. */
  predicate(node: Pick<Test, "word" | "operator" | "mask" | "value">): FunctionId {
    const key = `${node.word} ${node.operator} ${node.mask} ${node.value}`;
    const known = this.predicates.get(key);
    if (known !== undefined) return known;
    const bits = { argument: node.word >> 1, lowest: (node.word & 1) * 32, width: 32 };
    const made = this.comparison(bits, node.operator, BigInt(node.mask), BigInt(node.value));
    this.predicates.set(key, made);
    return made;
  }

  /** The function that a decision computes. */
  fromDecision(decision: Decision): FunctionId {
    if (decision.kind === "return") return this.constant(decision.value);
    const known = this.decisions.get(decision);
    if (known !== undefined) return known;
    const yes = this.fromDecision(decision.yes);
    const no = this.fromDecision(decision.no);
    const made = this.select(this.predicate(decision), yes, no);
    this.decisions.set(decision, made);
    return made;
  }

  /** The value for six arguments. */
  evaluate(id: FunctionId, args: readonly bigint[]): number {
    let at = id;
    while (at >= 0) {
      const variable = this.variables[at] ?? 0;
      const bit = ((args[variable >> 6] ?? 0n) >> BigInt(63 - (variable & 63))) & 1n;
      at = (bit === 1n ? this.highs[at] : this.lows[at]) ?? -1;
    }
    return this.values[-1 - at] ?? 0;
  }

  /** The smallest arguments, in their order, for which `wanted` holds of the value; undefined when there are none. */
  find(id: FunctionId, wanted: (value: number) => boolean): bigint[] | undefined {
    const hopeless = new Set<FunctionId>();
    const args = [0n, 0n, 0n, 0n, 0n, 0n];
    const visit = (at: FunctionId): boolean => {
      if (at < 0) return wanted(this.values[-1 - at] ?? 0);
      if (hopeless.has(at)) return false;
      const variable = this.variables[at] ?? 0;
      if (visit(this.lows[at] ?? -1)) return true;
      if (visit(this.highs[at] ?? -1)) {
        const argument = variable >> 6;
        args[argument] = (args[argument] ?? 0n) | (1n << BigInt(63 - (variable & 63)));
        return true;
      }
      hopeless.add(at);
      return false;
    };
    return visit(id) ? args : undefined;
  }

  /** All values that a function takes when some of its arguments are known, ascending. */
  valuesWith(id: FunctionId, known: readonly (bigint | undefined)[]): number[] {
    const seen = new Set<FunctionId>();
    const values = new Set<number>();
    const visit = (at: FunctionId): void => {
      if (seen.has(at)) return;
      seen.add(at);
      const value = this.constantValue(at);
      if (value !== undefined) {
        values.add(value);
        return;
      }
      const variable = this.variable(at);
      const argument = known[variable >> 6];
      const bit = argument === undefined ? undefined : (argument >> BigInt(63 - (variable & 63))) & 1n;
      if (bit !== 1n) visit(this.branch(at, variable, false));
      if (bit !== 0n) visit(this.branch(at, variable, true));
    };
    visit(id);
    return [...values].sort((a, b) => a - b);
  }
}
