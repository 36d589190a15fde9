import { Body } from "./code/body.ts";
import type { FunctionNode } from "./code/node.ts";
import type { Module } from "./code/module.ts";
import { Condition, newInsn, type ConditionKind, type Insn } from "./ir.ts";
import { Ways } from "./ways.ts";

/** The control flow of a function of C without landing pads, whoever calls it. */
export function wholeBody(node: FunctionNode): Body {
  const { module } = node;
  return new Body({
    module,
    start: node.start,
    end: node.end,
    code: node.code,
    guarded: [],
    data: dataOf(node),
    returnsFrom: target => mayReturn(module, target),
    preserved: module.machine.conventions.c.preserved,
  });
}

/**
 * Indices of the instructions of a function that run, from wherever its file enters it, when some ways are never taken.
 * @param never by the index of a branch, where it does not lead
 */
export function runsWithout(
  node: FunctionNode,
  body: Body,
  never: ReadonlyMap<number, number>,
): ReadonlySet<number> {
  const entries = entriesFromOutside(node).map(address => body.indexOf(address));
  return new Ways(body, dataOf(node), never).from([body.entry, ...entries]);
}

function dataOf(node: FunctionNode): number[] {
  return node.scan.data.filter((_, i) => i % 2 === 1);
}

/** Index that a branch leads to when the comparison before it has found equality; undefined where it tells something else. */
export function equalWay(body: Body, branch: number): number | undefined {
  const insn = newInsn();
  body.lift(branch, insn);
  const condition = conditionOf(body.module, insn);
  if (condition === Condition.equal) return body.indexOf(insn.target);
  return condition === Condition.notEqual ? branch + 1 : undefined;
}

/** What a branch after a comparison waits for. */
function conditionOf({ elf, machine }: Module, insn: Insn): ConditionKind {
  if (machine.name !== "aarch64") return insn.condition;
  const word = elf.u32(insn.address) ?? 0;
  if (word >>> 24 !== 0x54) return Condition.other;
  // B.EQ and B.NE.
  return (word & 0x1f) === 0 ? Condition.equal : (word & 0x1f) === 1 ? Condition.notEqual : Condition.other;
}

/** Whether control can come back from a call, through the file's own stubs as well. */
function mayReturn(module: Module, called: number): boolean {
  const slot = module.thunkSlot(called);
  const row = slot < 0 ? undefined : module.slots.get(slot);
  const symbol = module.elf.dynamicSymbols[row === undefined ? 0 : (module.elf.relocations.symbol[row] ?? 0)];
  const target = symbol === undefined || symbol.section === 0 ? called : symbol.value;
  const index = module.rangeIndex(target);
  if (index < 0) return true;
  const scan = module.scanRange(index);
  return scan.returns || scan.jumps.length > 0;
}

/** Addresses in a function that other functions of its file jump to. */
function entriesFromOutside(node: FunctionNode): readonly number[] {
  const { module } = node;
  const entries: number[] = [];
  for (let index = 0; index < module.ranges.length; index++) {
    if (index === node.range) continue;
    const { jumps, calls } = module.scanRange(index);
    for (const targets of [jumps, calls]) {
      for (let i = 1; i < targets.length; i += 2) {
        const target = targets[i] ?? 0;
        if (target > node.start && target < node.end) entries.push(target);
      }
    }
  }
  return entries;
}
