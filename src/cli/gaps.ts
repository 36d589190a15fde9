import type { Gap } from "../evidence/model.ts";
import { tell } from "./say.ts";

const SHOWN = 20;

/** What a log or a recording leaves open belongs before the eyes of whoever uses the profile. */
export function tellGaps(gaps: readonly Gap[]): void {
  for (const { reason, count, remedy } of gaps.slice(0, SHOWN)) {
    const times = count === undefined || count === 1 ? "" : ` (${count})`;
    tell(`not known: ${reason}${times}${remedy === undefined ? "" : `; ${remedy}`}\n`);
  }
  if (gaps.length > SHOWN) tell(`not known: ${gaps.length - SHOWN} more, in the evidence\n`);
}
