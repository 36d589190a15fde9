import { type Decision, outcome, test } from "../bpf/decision.ts";
import type { Condition } from "./document.ts";
import { chainOf } from "./rule-chain.ts";
import {
  comesAfter,
  EndlessTree,
  isLeaf,
  levelOf,
  type RuleNode,
  sameTest,
  TooManyRules,
} from "./rule-node.ts";
import { allDo, prune } from "./rule-pruning.ts";

/** libseccomp answers -EEXIST: the same test would lead to two actions. */
export class RuleConflict extends Error {
  override readonly name = "RuleConflict";
}

/** More rules with conditions on one syscall than any filter of 4096 instructions has use for. */
export const MAX_CONDITIONAL_RULES = 1500;

/** Before 2.6.1 an inverted comparison of the high half kept the wrong action (GHSA-4q85-33p6-j5g6). */
export type LibseccompBehaviour = "current" | "before-2.6.1";

/** Levels that one rule is put into; a tree that needs more does not fit into any filter. */
const MAX_STEPS = 5_000;

interface Insertion {
  readonly behaviour: LibseccompBehaviour;
  steps: number;
}

/**
 * Puts a node into the level of `start`, looking only from there on. Returns what whoever pointed to `start` must
 * point to now. The fresh node keeps what it was linked to where libseccomp does: rules that share a level below
 * several nodes come to share more than they should, which lets calls through that no rule allows.
 */
function insert(start: RuleNode, fresh: RuleNode, insertion: Insertion): RuleNode {
  if (++insertion.steps > MAX_STEPS) throw new TooManyRules();
  const seen = new Set<RuleNode>();
  for (let old = start; ; ) {
    if (seen.has(old)) throw new EndlessTree();
    seen.add(old);
    if (sameTest(old, fresh)) {
      if (old !== fresh) unite(old, fresh, insertion);
      return start;
    }
    if (comesAfter(old, fresh)) {
      // Found a second time on another way, the fresh node would be linked to itself.
      if (old.before === fresh) throw new EndlessTree();
      if (old.before !== undefined) {
        old.before.after = fresh;
        fresh.before = old.before;
      }
      old.before = fresh;
      fresh.after = old;
      return old === start ? fresh : start;
    }
    if (old.after === undefined) {
      old.after = fresh;
      fresh.before = old;
      return start;
    }
    old = old.after;
  }
}

function unite(old: RuleNode, fresh: RuleNode, insertion: Insertion): void {
  uniteYesAction(old, fresh);
  uniteNoAction(old, fresh, insertion);
  if (fresh.yes !== undefined) {
    if (old.yes !== undefined) old.yes = insert(old.yes, fresh.yes, insertion);
    else if (old.onYes === undefined) old.yes = fresh.yes;
    else return;
  }
  if (fresh.no !== undefined) {
    if (old.no !== undefined) old.no = insert(old.no, fresh.no, insertion);
    else if (old.onNo === undefined) old.no = fresh.no;
  }
}

function uniteYesAction(old: RuleNode, fresh: RuleNode): void {
  if (fresh.onYes === undefined || old.onYes === fresh.onYes) return;
  if (old.onYes === undefined) {
    if (!allDo(old.yes, fresh.onYes)) throw new RuleConflict();
    delete old.yes;
    old.onYes = fresh.onYes;
    return;
  }
  if (fresh.word % 2 === 1 && fresh.full > old.full) old.onYes = fresh.onYes;
  if (isLeaf(old) || isLeaf(fresh)) throw new RuleConflict();
}

function uniteNoAction(old: RuleNode, fresh: RuleNode, insertion: Insertion): void {
  if (fresh.onNo === undefined || old.onNo === fresh.onNo) return;
  if (old.onNo === undefined) {
    if (!allDo(old.no, fresh.onNo)) throw new RuleConflict();
    delete old.no;
    old.onNo = fresh.onNo;
    return;
  }
  if (fresh.word % 2 === 1 && fresh.full < old.full && insertion.behaviour === "current")
    old.onNo = fresh.onNo;
  if (isLeaf(old) || isLeaf(fresh)) throw new RuleConflict();
}

/** Takes a node out of its level, with all below it. Returns what must be pointed to instead of `some`. */
function remove(some: RuleNode, node: RuleNode): RuleNode | undefined {
  for (const at of levelOf(some)) {
    if (at === node) continue;
    if (at.yes !== undefined) replace(at, "yes", remove(at.yes, node));
    if (at.no !== undefined) replace(at, "no", remove(at.no, node));
  }
  if (!levelOf(some).includes(node)) return some;
  const other = node.before ?? node.after;
  if (node.before !== undefined) replace(node.before, "after", node.after);
  if (node.after !== undefined) replace(node.after, "before", node.before);
  return some === node ? other : some;
}

function replace(at: RuleNode, link: "yes" | "no" | "before" | "after", to: RuleNode | undefined): void {
  if (to === undefined) delete at[link];
  else at[link] = to;
}

/** The rules of one syscall on one ABI. */
export class RuleTree {
  private readonly behaviour: LibseccompBehaviour;
  private readonly bits: 32 | 64;
  private always: number | undefined;
  private conditional = 0;
  private top: RuleNode | undefined;

  constructor(bits: 32 | 64, behaviour: LibseccompBehaviour) {
    this.bits = bits;
    this.behaviour = behaviour;
  }

  /**
   * Adds a rule: all conditions must hold, no two on one argument.
   * @throws RuleConflict where libseccomp answers -EEXIST, EndlessTree where it hangs, TooManyRules; the tree is then
   * unusable.
   */
  add(conditions: readonly Condition[], action: number): void {
    // The first unconditional rule is final, and it erases what came before.
    if (this.always !== undefined) return;
    const chain = chainOf(conditions, action, this.bits);
    if (chain === undefined) {
      this.always = action;
      this.top = undefined;
    } else {
      if (++this.conditional > MAX_CONDITIONAL_RULES) throw new TooManyRules();
      this.insertPruned(chain, action);
    }
  }

  private insertPruned(chain: RuleNode, action: number): void {
    if (this.top === undefined) {
      this.top = chain;
      return;
    }
    const { redundant, superfluous } = prune(this.top, chain, action);
    if (redundant) return;
    for (const node of superfluous) this.top = this.top && remove(this.top, node);
    this.top =
      this.top === undefined ? chain : insert(this.top, chain, { behaviour: this.behaviour, steps: 0 });
  }

  /**
   * What the tree decides; where no rule matches, `otherwise`.
   * @throws EndlessTree where libseccomp hangs, TooManyRules where no filter could hold it
   */
  decision(otherwise: Decision): Decision {
    if (this.always !== undefined) return outcome(this.always);
    if (this.top === undefined) return otherwise;
    return decisionOf(this.top, otherwise, { done: new Map(), tests: 0 });
  }
}

/** Tests that a decision may come to; a filter has room for 4096 instructions. */
const MAX_TESTS = 50_000;

interface Unfolding {
  readonly done: Map<RuleNode, Map<Decision, Decision>>;
  tests: number;
}

/** A level is tried from its start; what falls out of a lower level goes on with the next test of the upper one. */
function decisionOf(some: RuleNode, otherwise: Decision, unfolding: Unfolding): Decision {
  const { done } = unfolding;
  const known = done.get(some)?.get(otherwise);
  if (known !== undefined) return known;
  let rest = otherwise;
  for (const at of levelOf(some).toReversed()) {
    if (++unfolding.tests > MAX_TESTS) throw new TooManyRules();
    const below = rest;
    const side = (node: RuleNode | undefined, action: number | undefined): Decision => {
      if (node !== undefined) return decisionOf(node, below, unfolding);
      return action === undefined ? below : outcome(action);
    };
    const yes = side(at.yes, at.onYes);
    const no = side(at.no, at.onNo);
    rest = test(at.word, at.operator === "masked" ? "eq" : at.operator, at.mask, at.datum, yes, no);
  }
  const ofNode = done.get(some) ?? new Map<Decision, Decision>();
  ofNode.set(otherwise, rest);
  done.set(some, ofNode);
  return rest;
}
