import type { Observation } from "../../evidence/model.ts";
import { PHASES } from "./layout.ts";

/** What filters usually answer with; a call that waited ends with something else. */
const REFUSALS = ["EPERM", "EACCES", "ENOSYS"];

/**
 * A call that begins in one phase and ends with an error in the next was not seen to begin there, like one that a filter
 * denies. When the same program made it in an earlier phase, its errors belong to that.
 */
export function creditCrossings(observations: readonly Observation[]): Observation[] {
  const settled: Observation[] = [];
  const crossings: Observation[] = [];
  for (const seen of observations) {
    const refused = Object.keys(seen.errnos ?? {}).some(errno => REFUSALS.includes(errno));
    const crosses = seen.reason !== undefined && !refused && observations.some(other => isBegun(other, seen));
    (crosses ? crossings : settled).push(seen);
  }
  for (const crossing of crossings) {
    const index = settled.findLastIndex(other => isBegun(other, crossing));
    const begun = settled[index];
    if (begun === undefined) continue;
    const errnos: Record<string, number> = { ...begun.errnos };
    for (const [errno, count] of Object.entries(crossing.errnos ?? {}))
      errnos[errno] = (errnos[errno] ?? 0) + count;
    settled[index] = { ...begun, errnos };
  }
  return settled;
}

function order({ phase = "serving" }: Observation): number {
  return PHASES.indexOf(phase);
}

/** Whether one is the same call as the other, seen to begin in an earlier phase. */
function isBegun(a: Observation, b: Observation): boolean {
  return (
    a.reason === undefined &&
    order(a) < order(b) &&
    a.abi === b.abi &&
    a.number === b.number &&
    a.executable === b.executable &&
    a.entry === b.entry &&
    a.label === b.label
  );
}
