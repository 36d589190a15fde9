import {
  comesAfter,
  isLeaf,
  levelOf,
  type RuleNode,
  sameActions,
  sameTest,
  TooManyRules,
} from "./rule-node.ts";

/** How far a fresh chain was found in the tree. */
interface Match {
  /** The tests compared last were the same. */
  matched: boolean;
  /** Some tests were the same; what follows must match without a break. */
  begun: boolean;
  /** The tree's branch ends where it matched. */
  oldEnds: boolean;
  /** The fresh chain ends where it matched. */
  freshEnds: boolean;
  /** The tree tests something else first. */
  oldLeads: boolean;
  /** The fresh chain tests something else first. */
  freshLeads: boolean;
}

/** What is to be done with a fresh chain. */
export interface Pruning {
  /** The tree already says it, or libseccomp believes so: it overlooks actions on the other side of a test. */
  readonly redundant: boolean;
  /** Nodes that the fresh chain makes superfluous. */
  readonly superfluous: readonly RuleNode[];
}

/** Comparisons for one rule; a tree that needs more does not fit into any filter. */
const MAX_STEPS = 5_000;

class Pruner {
  readonly action: number;
  private steps = 0;
  readonly superfluous: RuleNode[] = [];

  constructor(action: number) {
    this.action = action;
  }

  /** Compares a level of the tree with a chain; what was found goes into `match`. */
  level(some: RuleNode | undefined, fresh: RuleNode | undefined, match: Match): void {
    if (some === undefined || fresh === undefined || (match.begun && !match.matched)) return;
    if (++this.steps > MAX_STEPS) throw new TooManyRules();
    const found = { ...match };
    const settled = levelOf(some).some(old => this.node(old, fresh, match, found));
    if (!settled) found.matched = false;
    if (found.matched) join(match, found);
    else match.matched = false;
  }

  /** True when the level needs no further look. */
  private node(old: RuleNode, fresh: RuleNode, match: Match, found: Match): boolean {
    if (sameTest(old, fresh)) return this.same(old, fresh, match, found);
    if (comesAfter(old, fresh)) {
      if (match.freshLeads) return true;
      const lead = { ...match, matched: false, oldLeads: true };
      return [old.yes, old.no].some(below => this.deeper(below, fresh, lead, found));
    }
    if (match.oldLeads) return true;
    const lead = { ...match, matched: false, freshLeads: true };
    return [fresh.yes, fresh.no].some(below => this.deeper(old, below, lead, found));
  }

  private deeper(
    old: RuleNode | undefined,
    fresh: RuleNode | undefined,
    match: Match,
    found: Match,
  ): boolean {
    if (old === undefined || fresh === undefined) return false;
    const below = { ...match };
    this.level(old, fresh, below);
    if (below.matched) join(found, below);
    return below.matched;
  }

  private same(old: RuleNode, fresh: RuleNode, match: Match, found: Match): boolean {
    found.matched = true;
    found.begun = true;
    if (isLeaf(fresh)) found.freshEnds = true;
    if (isLeaf(old)) found.oldEnds = true;
    if (goesOn(old.yes, old.onYes) && !goesOn(fresh.yes, fresh.onYes)) return true;
    if (goesOn(old.no, old.onNo) && !goesOn(fresh.no, fresh.onNo)) return true;
    if (found.freshEnds && found.oldEnds && !sameActions(old, fresh)) return true;
    const next = { ...match, matched: true, begun: true };
    this.deeper(old.yes, fresh.yes, next, found);
    this.deeper(old.no, fresh.no, next, found);
    if (!found.matched || !allDo(old, this.action)) return false;
    if (found.freshEnds && found.oldLeads) {
      this.superfluous.push(old);
      return false;
    }
    return found.oldEnds && found.freshLeads;
  }
}

/** Whether one side of a test leads anywhere. */
function goesOn(below: RuleNode | undefined, action: number | undefined): boolean {
  return below !== undefined || action !== undefined;
}

function join(into: Match, from: Match): void {
  into.matched ||= from.matched;
  into.begun ||= from.begun;
  into.oldEnds ||= from.oldEnds;
  into.freshEnds ||= from.freshEnds;
  into.oldLeads ||= from.oldLeads;
  into.freshLeads ||= from.freshLeads;
}

/** Whether a whole level and what is below it does nothing but one action. */
export function allDo(
  some: RuleNode | undefined,
  action: number,
  seen: Set<RuleNode> = new Set<RuleNode>(),
): boolean {
  if (some === undefined || seen.has(some)) return true;
  return levelOf(some).every(at => {
    if (seen.has(at)) return true;
    seen.add(at);
    if ((at.onYes ?? action) !== action || (at.onNo ?? action) !== action) return false;
    return allDo(at.yes, action, seen) && allDo(at.no, action, seen);
  });
}

/** Looks for a fresh chain in a tree before it is inserted (src/db.c, `_db_tree_prune`). */
export function prune(top: RuleNode, fresh: RuleNode, action: number): Pruning {
  const pruner = new Pruner(action);
  const match: Match = {
    matched: false,
    begun: false,
    oldEnds: false,
    freshEnds: false,
    oldLeads: false,
    freshLeads: false,
  };
  pruner.level(top, fresh, match);
  const { superfluous } = pruner;
  const redundant = superfluous.length === 0 && match.matched && match.oldEnds && match.freshLeads;
  return { redundant, superfluous };
}
