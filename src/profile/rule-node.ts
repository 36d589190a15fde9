/**
 * How libseccomp combines the rules of one syscall (src/db.c): each rule is a chain of word tests, the chains are
 * merged into a tree whose levels are ordered by argument, operator and datum, not by rule. The tree decides, so we
 * build the same one.
 */
export interface RuleNode {
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
  yes?: RuleNode;
  no?: RuleNode;
  /** Neighbours on the same level. */
  before?: RuleNode;
  after?: RuleNode;
}

/** libseccomp links a level into a ring and never comes back. */
export class EndlessTree extends Error {
  override readonly name = "EndlessTree";
}

/** Smaller data come first among LT and LE, larger ones everywhere else. */
export function comesAfter(old: RuleNode, fresh: RuleNode): boolean {
  if (old.word !== fresh.word) return old.word < fresh.word;
  if (old.rank !== fresh.rank) return old.rank < fresh.rank;
  return old.rank === 2 ? old.datum > fresh.datum : old.datum < fresh.datum;
}

export function sameTest(a: RuleNode, b: RuleNode): boolean {
  return a.word === b.word && a.operator === b.operator && a.datum === b.datum && a.mask === b.mask;
}

/** Rules with conditions that no filter has room for. */
export class TooManyRules extends Error {
  override readonly name = "TooManyRules";
}

/** More nodes than any level has; whoever walks farther goes round in a ring. */
const ENDLESS = 1_000_000;

/** All nodes of a level in order, whichever of them one starts from. */
export function levelOf(some: RuleNode | undefined): RuleNode[] {
  let steps = 0;
  let first = some;
  while (first?.before !== undefined) {
    first = first.before;
    if (++steps > ENDLESS) throw new EndlessTree();
  }
  const level: RuleNode[] = [];
  for (let at = first; at !== undefined; at = at.after) {
    level.push(at);
    if (++steps > ENDLESS) throw new EndlessTree();
  }
  return level;
}

export function isLeaf(at: RuleNode): boolean {
  return at.yes === undefined && at.no === undefined;
}

export function sameActions(a: RuleNode, b: RuleNode): boolean {
  return a.onYes === b.onYes && a.onNo === b.onNo;
}
