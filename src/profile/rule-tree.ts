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
  yes?: Level;
  no?: Level;
}
type Level = Node[];

/** libseccomp answers -EEXIST: the same test would lead to two actions. */
export class RuleConflict extends Error {
  override readonly name = "RuleConflict";
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
type Next = { readonly action: number } | { readonly level: Level };

function onYes(at: Node, next: Next): void {
  if ("action" in next) at.onYes = next.action;
  else at.yes = next.level;
}

function onNo(at: Node, next: Next): void {
  if ("action" in next) at.onNo = next.action;
  else at.no = next.level;
}

/** The tests of one condition on a 64-bit argument, first the high half. */
function wideTests(index: number, shape: Shape, next: Next): Level {
  const high = 2 * index + 1;
  const low = 2 * index;
  const { op } = shape;
  if (rankOf(op) === 3) {
    const kind = op === "SCMP_CMP_MASKED_EQ" ? "masked" : "eq";
    const first = node(high, kind, shape);
    const second = node(low, kind, shape);
    first.yes = [second];
    if (op === "SCMP_CMP_NE") {
      onNo(first, next);
      onNo(second, next);
    } else {
      onYes(second, next);
    }
    return [first];
  }
  const above = node(high, "gt", shape);
  const equal = node(high, "eq", shape);
  const rest = node(low, op === "SCMP_CMP_GT" || op === "SCMP_CMP_LE" ? "gt" : "ge", shape);
  above.no = [equal];
  equal.yes = [rest];
  if (rankOf(op) === 1) {
    onYes(above, next);
    onYes(rest, next);
  } else {
    onNo(equal, next);
    onNo(rest, next);
  }
  return [above];
}

/** The test of one condition where arguments have 32 bits: the high half of the datum is not looked at. */
function narrowTest(index: number, shape: Shape, next: Next): Level {
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
  return [at];
}

/** The chain of a rule, or undefined when nothing of its conditions is left to test. */
function chainOf(conditions: readonly Condition[], action: number, bits: 32 | 64): Level | undefined {
  let next: Next = { action };
  const last = [...conditions].sort((a, b) => b.index - a.index);
  for (const condition of last) {
    const shape = shapeOf(condition);
    const looked = bits === 64 ? shape.mask : shape.mask & 0xffff_ffffn;
    if (looked === 0n) continue;
    next = { level: (bits === 64 ? wideTests : narrowTest)(condition.index, shape, next) };
  }
  return "level" in next ? next.level : undefined;
}

function isLeaf(at: Node): boolean {
  return at.yes === undefined && at.no === undefined;
}

/** Whether nothing below does anything else. */
function allDo(level: Level | undefined, action: number): boolean {
  return (level ?? []).every(
    at =>
      (at.onYes ?? action) === action &&
      (at.onNo ?? action) === action &&
      allDo(at.yes, action) &&
      allDo(at.no, action),
  );
}

/** The rules of one syscall on one ABI. */
export class RuleTree {
  private readonly behaviour: LibseccompBehaviour;
  private readonly bits: 32 | 64;
  private always: number | undefined;
  private level: Level | undefined;

  constructor(bits: 32 | 64, behaviour: LibseccompBehaviour) {
    this.bits = bits;
    this.behaviour = behaviour;
  }

  /**
   * Adds a rule: all conditions must hold, no two on one argument.
   * @throws RuleConflict where libseccomp answers -EEXIST; the tree is then unusable, as the filter would be.
   */
  add(conditions: readonly Condition[], action: number): void {
    // The first unconditional rule is final, and it erases what came before.
    if (this.always !== undefined) return;
    const chain = chainOf(conditions, action, this.bits);
    if (chain === undefined) {
      this.always = action;
      this.level = undefined;
    } else if (this.level === undefined) {
      this.level = chain;
    } else {
      this.insert(this.level, chain);
    }
  }

  private insert(level: Level, [fresh]: Level): void {
    if (fresh === undefined) return;
    for (const [position, old] of level.entries()) {
      if (old === fresh) return;
      if (same(old, fresh)) {
        this.unite(old, fresh);
        return;
      }
      if (comesAfter(old, fresh)) {
        level.splice(position, 0, fresh);
        return;
      }
    }
    level.push(fresh);
  }

  private unite(old: Node, fresh: Node): void {
    this.uniteYesAction(old, fresh);
    this.uniteNoAction(old, fresh);
    if (fresh.yes !== undefined) {
      if (old.yes !== undefined) this.insert(old.yes, fresh.yes);
      else if (old.onYes === undefined) old.yes = fresh.yes;
      else return;
    }
    if (fresh.no !== undefined) {
      if (old.no !== undefined) this.insert(old.no, fresh.no);
      else if (old.onNo === undefined) old.no = fresh.no;
    }
  }

  private uniteYesAction(old: Node, fresh: Node): void {
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

  private uniteNoAction(old: Node, fresh: Node): void {
    if (fresh.onNo === undefined || old.onNo === fresh.onNo) return;
    if (old.onNo === undefined) {
      if (!allDo(old.no, fresh.onNo)) throw new RuleConflict();
      delete old.no;
      old.onNo = fresh.onNo;
      return;
    }
    if (fresh.word % 2 === 1 && fresh.full < old.full && this.behaviour === "current") old.onNo = fresh.onNo;
    if (isLeaf(old) || isLeaf(fresh)) throw new RuleConflict();
  }

  /** What the tree decides; where no rule matches, `otherwise`. */
  decision(otherwise: Decision): Decision {
    if (this.always !== undefined) return outcome(this.always);
    return this.level === undefined ? otherwise : decisionOf(this.level, otherwise, new Map());
  }
}

/** A level is tried from its start; what falls out of a lower level goes on with the next test of the upper one. */
function decisionOf(level: Level, otherwise: Decision, done: Map<Level, Map<Decision, Decision>>): Decision {
  const known = done.get(level)?.get(otherwise);
  if (known !== undefined) return known;
  let rest = otherwise;
  for (const at of level.toReversed()) {
    const side = (below: Level | undefined, action: number | undefined): Decision => {
      if (below !== undefined) return decisionOf(below, rest, done);
      return action === undefined ? rest : outcome(action);
    };
    const yes = side(at.yes, at.onYes);
    const no = side(at.no, at.onNo);
    rest = test(at.word, at.operator === "masked" ? "eq" : at.operator, at.mask, at.datum, yes, no);
  }
  const ofLevel = done.get(level) ?? new Map<Decision, Decision>();
  ofLevel.set(otherwise, rest);
  done.set(level, ofLevel);
  return rest;
}
