import type { Condition } from "./document.ts";
import type { RuleNode } from "./rule-node.ts";

function rankOf(op: Condition["op"]): number {
  if (op === "SCMP_CMP_LT" || op === "SCMP_CMP_LE") return 2;
  return op === "SCMP_CMP_GT" || op === "SCMP_CMP_GE" ? 1 : 3;
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

function node(word: number, operator: RuleNode["operator"], shape: Shape): RuleNode {
  const shift = word % 2 === 1 ? 32n : 0n;
  const mask = Number((shape.mask >> shift) & 0xffff_ffffn);
  const datum = Number((shape.value >> shift) & 0xffff_ffffn);
  return { word, operator, rank: rankOf(shape.op), mask, datum: (datum & mask) >>> 0, full: shape.value };
}

/** What follows a condition: an action, or the next condition's tests. */
type Next = { readonly action: number } | { readonly node: RuleNode };

function onYes(at: RuleNode, next: Next): void {
  if ("action" in next) at.onYes = next.action;
  else at.yes = next.node;
}

function onNo(at: RuleNode, next: Next): void {
  if ("action" in next) at.onNo = next.action;
  else at.no = next.node;
}

/** The tests of one condition on a 64-bit argument, first the high half. */
function wideTests(index: number, shape: Shape, next: Next): RuleNode {
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
function narrowTest(index: number, shape: Shape, next: Next): RuleNode {
  const { op } = shape;
  const kinds: Record<Condition["op"], RuleNode["operator"]> = {
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
export function chainOf(
  conditions: readonly Condition[],
  action: number,
  bits: 32 | 64,
): RuleNode | undefined {
  let next: Next = { action };
  for (const condition of [...conditions].sort((a, b) => b.index - a.index)) {
    const shape = shapeOf(condition);
    const looked = bits === 64 ? shape.mask : shape.mask & 0xffff_ffffn;
    if (looked === 0n) continue;
    next = { node: (bits === 64 ? wideTests : narrowTest)(condition.index, shape, next) };
  }
  return "node" in next ? next.node : undefined;
}
