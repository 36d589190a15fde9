import { type Decision, outcome, test } from "../bpf/decision.ts";
import type { Condition } from "./document.ts";

/**
 * How libseccomp combines the rules of one syscall (src/db.c): each rule is a chain of word tests, the chains are
 * merged into a tree whose levels are ordered by argument, operator and datum, not by rule. The tree decides, so we
 * build the same one.
 */
interface Node {
  readonly word: number;
  /** Masked and plain equality are different tests even where the masks agree. */
  readonly operator: "eq" | "masked" | "gt" | "ge";
  /** By the operator of the rule: 3 equality, 2 less, 1 greater. */
  readonly rank: number;
  readonly mask: number;
  readonly datum: number;
  /** The rule's whole datum, both halves. */
  readonly full: bigint;
  onYes?: number;
  onNo?: number;
  /** Some node of the level below; a level may hang below several nodes. */
  yes?: Node;
  no?: Node;
  /** Neighbours on the same level. */
  before?: Node;
  after?: Node;
}

/** libseccomp answers -EEXIST: the same test would lead to two actions. */
export class RuleConflict extends Error {
  override readonly name = "RuleConflict";
}

/** libseccomp links a level into a ring and never comes back. */
export class EndlessTree extends Error {
  override readonly name = "EndlessTree";
}

/** Before 2.6.1 an inverted comparison of the high half kept the wrong action (GHSA-4q85-33p6-j5g6). */
export type LibseccompBehaviour = "current" | "before-2.6.1";

function rankOf(op: Condition["op"]): number {
  if (op === "SCMP_CMP_LT" || op === "SCMP_CMP_LE") return 2;
  return op === "SCMP_CMP_GT" || op === "SCMP_CMP_GE" ? 1 : 3;
}

/** Smaller data come first among LT and LE, larger ones everywhere else. */
function comesAfter(old: Node, fresh: Node): boolean {
  if (old.word !== fresh.word) return old.word < fresh.word;
  if (old.rank !== fresh.rank) return old.rank < fresh.rank;
  return old.rank === 2 ? old.datum > fresh.datum : old.datum < fresh.datum;
}

function same(a: Node, b: Node): boolean {
  return a.word === b.word && a.operator === b.operator && a.datum === b.datum && a.mask === b.mask;
}

interface Shape {
  readonly value: bigint;
  readonly mask: bigint;
  readonly op: Condition["op"];
}

function shapeOf(condition: Condition): Shape {
  return condition.op === "SCMP_CMP_MASKED_EQ"
    ? { value: condition.valueTwo ?? 0n, mask: condition.value, op: condition.op }
    : { value: condition.value, mask: 0xffff_ffff_ffff_ffffn, op: condition.op };
}

function node(word: number, operator: Node["operator"], shape: Shape): Node {
  const shift = word % 2 === 1 ? 32n : 0n;
  const mask = Number((shape.mask >> shift) & 0xffff_ffffn);
  const datum = Number((shape.value >> shift) & 0xffff_ffffn);
  return { word, operator, rank: rankOf(shape.op), mask, datum: (datum & mask) >>> 0, full: shape.value };
}

/** What follows a condition: an action, or the next condition's tests. */
type Next = { readonly action: number } | { readonly node: Node };

function onYes(at: Node, next: Next): void {
  if ("action" in next) at.onYes = next.action;
  else at.yes = next.node;
}

function onNo(at: Node, next: Next): void {
  if ("action" in next) at.onNo = next.action;
  else at.no = next.node;
}

/** The tests of one condition on a 64-bit argument, first the high half. */
function wideTests(index: number, shape: Shape, next: Next): Node {
  const high = 2 * index + 1;
  const low = 2 * index;
  const { op } = shape;
  if (rankOf(op) === 3) {
    const kind = op === "SCMP_CMP_MASKED_EQ" ? "masked" : "eq";
    const first = node(high, kind, shape);
    const second = node(low, kind, shape);
    first.yes = second;
    if (op === "SCMP_CMP_NE") {
      onNo(first, next);
      onNo(second, next);
    } else {
      onYes(second, next);
    }
    return first;
  }
  const above = node(high, "gt", shape);
  const equal = node(high, "eq", shape);
  const rest = node(low, op === "SCMP_CMP_GT" || op === "SCMP_CMP_LE" ? "gt" : "ge", shape);
  above.no = equal;
  equal.yes = rest;
  if (rankOf(op) === 1) {
    onYes(above, next);
    onYes(rest, next);
  } else {
    onNo(equal, next);
    onNo(rest, next);
  }
  return above;
}

/** The test of one condition where arguments have 32 bits: the high half of the datum is not looked at. */
function narrowTest(index: number, shape: Shape, next: Next): Node {
  const { op } = shape;
  const kinds: Record<Condition["op"], Node["operator"]> = {
    SCMP_CMP_MASKED_EQ: "masked",
    SCMP_CMP_EQ: "eq",
    SCMP_CMP_NE: "eq",
    SCMP_CMP_GT: "gt",
    SCMP_CMP_LE: "gt",
    SCMP_CMP_GE: "ge",
    SCMP_CMP_LT: "ge",
  };
  const at = node(2 * index, kinds[op], shape);
  if (op === "SCMP_CMP_NE" || rankOf(op) === 2) onNo(at, next);
  else onYes(at, next);
  return at;
}

/** The first test of a rule, or undefined when nothing of its conditions is left to test. */
function chainOf(conditions: readonly Condition[], action: number, bits: 32 | 64): Node | undefined {
  let next: Next = { action };
  for (const condition of [...conditions].sort((a, b) => b.index - a.index)) {
    const shape = shapeOf(condition);
    const looked = bits === 64 ? shape.mask : shape.mask & 0xffff_ffffn;
    if (looked === 0n) continue;
    next = { node: (bits === 64 ? wideTests : narrowTest)(condition.index, shape, next) };
  }
  return "node" in next ? next.node : undefined;
}

/** All nodes of a level in order, whichever of them one starts from. */
function levelOf(some: Node | undefined): Node[] {
  const seen = new Set<Node>();
  const once = (at: Node): void => {
    if (seen.has(at)) throw new EndlessTree();
    seen.add(at);
  };
  let first = some;
  while (first?.before !== undefined) {
    once(first);
    first = first.before;
  }
  seen.clear();
  const level: Node[] = [];
  for (let at = first; at !== undefined; at = at.after) {
    once(at);
    level.push(at);
  }
  return level;
}

function isLeaf(at: Node): boolean {
  return at.yes === undefined && at.no === undefined;
}

/** Whether nothing below does anything else. */
function allDo(some: Node | undefined, action: number): boolean {
  return levelOf(some).every(
    at =>
      (at.onYes ?? action) === action &&
      (at.onNo ?? action) === action &&
      allDo(at.yes, action) &&
      allDo(at.no, action),
  );
}

/**
 * Puts a node into the level of `start`, looking only from there on. Returns what whoever pointed to `start` must
 * point to now. The fresh node keeps what it was linked to where libseccomp does: rules that share a level below
 * several nodes come to share more than they should, which lets calls through that no rule allows.
 */
function insert(start: Node, fresh: Node, behaviour: LibseccompBehaviour): Node {
  const seen = new Set<Node>();
  for (let old = start; ; ) {
    if (seen.has(old)) throw new EndlessTree();
    seen.add(old);
    if (same(old, fresh)) {
      if (old !== fresh) unite(old, fresh, behaviour);
      return start;
    }
    if (comesAfter(old, fresh)) {
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

function unite(old: Node, fresh: Node, behaviour: LibseccompBehaviour): void {
  uniteYesAction(old, fresh);
  uniteNoAction(old, fresh, behaviour);
  if (fresh.yes !== undefined) {
    if (old.yes !== undefined) old.yes = insert(old.yes, fresh.yes, behaviour);
    else if (old.onYes === undefined) old.yes = fresh.yes;
    else return;
  }
  if (fresh.no !== undefined) {
    if (old.no !== undefined) old.no = insert(old.no, fresh.no, behaviour);
    else if (old.onNo === undefined) old.no = fresh.no;
  }
}

function uniteYesAction(old: Node, fresh: Node): void {
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

function uniteNoAction(old: Node, fresh: Node, behaviour: LibseccompBehaviour): void {
  if (fresh.onNo === undefined || old.onNo === fresh.onNo) return;
  if (old.onNo === undefined) {
    if (!allDo(old.no, fresh.onNo)) throw new RuleConflict();
    delete old.no;
    old.onNo = fresh.onNo;
    return;
  }
  if (fresh.word % 2 === 1 && fresh.full < old.full && behaviour === "current") old.onNo = fresh.onNo;
  if (isLeaf(old) || isLeaf(fresh)) throw new RuleConflict();
}

/** The rules of one syscall on one ABI. */
export class RuleTree {
  private readonly behaviour: LibseccompBehaviour;
  private readonly bits: 32 | 64;
  private always: number | undefined;
  private top: Node | undefined;

  constructor(bits: 32 | 64, behaviour: LibseccompBehaviour) {
    this.bits = bits;
    this.behaviour = behaviour;
  }

  /**
   * Adds a rule: all conditions must hold, no two on one argument.
   * @throws RuleConflict where libseccomp answers -EEXIST, EndlessTree where it hangs; the tree is then unusable.
   */
  add(conditions: readonly Condition[], action: number): void {
    // The first unconditional rule is final, and it erases what came before.
    if (this.always !== undefined) return;
    const chain = chainOf(conditions, action, this.bits);
    if (chain === undefined) {
      this.always = action;
      this.top = undefined;
    } else {
      this.top = this.top === undefined ? chain : insert(this.top, chain, this.behaviour);
    }
  }

  /**
   * What the tree decides; where no rule matches, `otherwise`.
   * @throws EndlessTree where libseccomp hangs
   */
  decision(otherwise: Decision): Decision {
    if (this.always !== undefined) return outcome(this.always);
    return this.top === undefined ? otherwise : decisionOf(this.top, otherwise, new Map());
  }
}

/** A level is tried from its start; what falls out of a lower level goes on with the next test of the upper one. */
function decisionOf(some: Node, otherwise: Decision, done: Map<Node, Map<Decision, Decision>>): Decision {
  const known = done.get(some)?.get(otherwise);
  if (known !== undefined) return known;
  let rest = otherwise;
  for (const at of levelOf(some).toReversed()) {
    const below = rest;
    const side = (node: Node | undefined, action: number | undefined): Decision => {
      if (node !== undefined) return decisionOf(node, below, done);
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
