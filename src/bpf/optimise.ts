import { type Decision, test, type Test } from "./decision.ts";
import { Interner } from "./plan.ts";

/** What is known about one word on the way to a test. */
interface Known {
  readonly least: number;
  readonly most: number;
  /** These bits have the value in `bits`. */
  readonly mask: number;
  readonly bits: number;
  /** Tests for equality that failed, as `mask value`. */
  readonly not: readonly string[];
}

const NOTHING: Known = { least: 0, most: 0xffff_ffff, mask: 0, bits: 0, not: [] };
const ALL = 0xffff_ffff;
/** Tests looked at before simplifying stops; a decision that is only large, not deep, never comes near. */
const BUDGET = 20_000;

type Facts = ReadonlyMap<number, Known>;

/** How a test must come out, undefined when it may go either way. */
function foregone(node: Test, known: Known): boolean | undefined {
  const { operator, mask, value } = node;
  if (operator === "eq") {
    if ((known.mask & mask & (known.bits ^ value)) >>> 0 !== 0) return false;
    if ((known.mask & mask) >>> 0 === mask) return true;
    if (known.not.includes(`${mask} ${value}`)) return false;
    if (mask !== ALL) return undefined;
    if (value < known.least || value > known.most) return false;
    return known.least === known.most ? true : undefined;
  }
  if (mask !== ALL) return undefined;
  const least = operator === "gt" ? value + 1 : value;
  if (known.least >= least) return true;
  return known.most < least ? false : undefined;
}

function learn(node: Test, known: Known, held: boolean): Known {
  const { operator, mask, value } = node;
  if (operator === "eq") {
    if (!held) {
      const not = [...known.not, `${mask} ${value}`];
      if (mask !== ALL) return { ...known, not };
      const least = value === known.least ? known.least + 1 : known.least;
      const most = value === known.most ? known.most - 1 : known.most;
      return { ...known, not, least, most };
    }
    const bits = ((known.bits & ~mask) | value) >>> 0;
    const merged = { ...known, mask: (known.mask | mask) >>> 0, bits };
    return mask === ALL ? { ...merged, least: value, most: value } : merged;
  }
  if (mask !== ALL) return known;
  const least = operator === "gt" ? value + 1 : value;
  return held
    ? { ...known, least: Math.max(known.least, least) }
    : { ...known, most: Math.min(known.most, least - 1) };
}

class Simplifier {
  visits = 0;

  visit(decision: Decision, facts: Facts): Decision {
    if (decision.kind === "return" || ++this.visits > BUDGET) return decision;
    const { word, operator, mask, value, yes, no } = decision;
    const known = facts.get(word) ?? NOTHING;
    const decided = foregone(decision, known);
    if (decided !== undefined) return this.visit(decided ? yes : no, facts);
    const whenYes = this.visit(yes, new Map(facts).set(word, learn(decision, known, true)));
    const whenNo = this.visit(no, new Map(facts).set(word, learn(decision, known, false)));
    return test(word, operator, mask, value, whenYes, whenNo);
  }
}

/** Shared tests count once. */
function countTests(decision: Decision, seen: Set<Decision> = new Set()): number {
  if (decision.kind === "return" || seen.has(decision)) return 0;
  seen.add(decision);
  return 1 + countTests(decision.yes, seen) + countTests(decision.no, seen);
}

/** Tests on all ways through, each way by itself. */
function countPaths(decision: Decision, counted: Map<Decision, number> = new Map()): number {
  if (decision.kind === "return") return 0;
  const known = counted.get(decision);
  if (known !== undefined) return known;
  const count = 1 + countPaths(decision.yes, counted) + countPaths(decision.no, counted);
  counted.set(decision, count);
  return count;
}

/**
 * The same function with fewer tests: drops those that earlier ones have decided and those that lead to the same on
 * both sides, until nothing changes. Never more tests than before.
 */
export function optimise(decision: Decision, interner: Interner = new Interner()): Decision {
  let best = interner.intern(decision);
  for (;;) {
    const next = interner.intern(new Simplifier().visit(best, new Map()));
    if (countTests(next) > countTests(best) || countPaths(next) >= countPaths(best)) return best;
    best = next;
  }
}
