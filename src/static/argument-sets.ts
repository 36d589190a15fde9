import { compareHex } from "../evidence/canonical.ts";
import type { ArgumentValues } from "../evidence/model.ts";
import { hex } from "./paths.ts";
import type { ArgumentSet } from "./sites.ts";

/** More values of one argument say nothing any more. */
const MAX_VALUES = 64;

/** Sets of values by argument as evidence has them. */
export function argumentValues(sets: ReadonlyMap<number, ArgumentSet>): ArgumentValues[] {
  return [...sets]
    .sort((a, b) => a[0] - b[0])
    .map(([index, set]) => {
      const values = [...set.values].map(hex).sort(compareHex);
      return {
        index,
        values: values.slice(0, MAX_VALUES),
        complete: set.complete && values.length > 0 && values.length <= MAX_VALUES,
      };
    });
}

export function copyOf(args: ReadonlyMap<number, ArgumentSet>): Map<number, ArgumentSet> {
  return new Map([...args].map(([i, s]) => [i, { values: new Set(s.values), complete: s.complete }]));
}

/** Adds what another site asks for; what only one of both knows is not complete. */
export function mergeInto(to: Map<number, ArgumentSet>, from: ReadonlyMap<number, ArgumentSet>): void {
  for (const set of to.entries()) if (!from.has(set[0])) set[1].complete = false;
  for (const [index, set] of from) {
    const known = to.get(index);
    if (known === undefined) to.set(index, { values: new Set(set.values), complete: false });
    else {
      for (const v of set.values) known.values.add(v);
      known.complete &&= set.complete;
    }
  }
}
