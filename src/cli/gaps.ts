import process from "node:process";
import type { Gap } from "../evidence/model.ts";

const SHOWN = 20;

/** What a log or a recording leaves open belongs before the eyes of whoever uses the profile. */
export function tellGaps(gaps: readonly Gap[]): void {
  for (const { reason, count, remedy } of gaps.slice(0, SHOWN)) {
    const times = count === undefined || count === 1 ? "" : ` (${count})`;
    process.stderr.write(`not known: ${reason}${times}${remedy === undefined ? "" : `; ${remedy}`}\n`);
  }
  if (gaps.length > SHOWN) process.stderr.write(`not known: ${gaps.length - SHOWN} more, in the evidence\n`);
}
