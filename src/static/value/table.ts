import type { Module } from "../code/module.ts";
import type { Insn } from "../ir.ts";
import { readMemory, readTable, type MemoryView } from "./memory.ts";
import type { ConstantValue, Value } from "./value.ts";

function constants(values: readonly Value[]): readonly ConstantValue[] | undefined {
  return values.every(v => v.kind === "constant") ? values : undefined;
}

/**
 * What a load from [base + index * scale + disp] gives: single elements when the index is known, else every element
 * that the table can have. Undefined when that cannot be said.
 */
export function indexedLoad(
  view: MemoryView,
  module: Module,
  insn: Insn,
  disp: number,
  bases: readonly Value[],
  indexes: readonly Value[],
): readonly Value[] | undefined {
  const tables = constants(bases);
  const known = constants(indexes);
  const found: Value[] = [];
  const add = (values: readonly Value[] | undefined): boolean => {
    if (values !== undefined) found.push(...values);
    return values !== undefined;
  };
  if (tables?.some(b => b.value + disp >= module.low) !== true) {
    // With a scale of 1 either register may be the table's address.
    if (insn.scale !== 1 || known === undefined || insn.base < 0) return undefined;
    const isRead = known.every(v =>
      add(readTable(v.module ?? module, v.value + disp, insn.size, insn.size, insn.signed)),
    );
    return isRead ? found : undefined;
  }
  const isRead = tables.every(base => {
    const owner = base.module ?? module;
    const start = base.value + disp;
    if (known === undefined) return add(readTable(owner, start, insn.scale, insn.size, insn.signed));
    return known.every(v =>
      add(readMemory(view, owner, start + v.value * insn.scale, insn.size, insn.signed)),
    );
  });
  return isRead ? found : undefined;
}
