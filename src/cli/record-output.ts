import type { Evidence, Gap } from "../evidence/model.ts";
import type { NewCall } from "../record/recorder.ts";
import type { RecordCliOptions } from "./commands/record.ts";
import { tellGaps } from "./gaps.ts";
import { print } from "./say.ts";
import { writeResult } from "./result.ts";

/** One line a call that is new, as `--follow` prints it. */
export function followLine(call: NewCall): void {
  print(`${call.syscall}\t${call.abi}\t${call.executable ?? ""}\n`);
}

/** What the recorder of its nature cannot see is in the evidence; this is what went missing. */
const MISSING: ReadonlySet<Gap["kind"]> = new Set(["lost-events", "not-watched", "active-filter", "capped"]);

/** Prints or writes the result of one recording. */
export function deliver(evidence: Evidence, options: RecordCliOptions): void {
  tellGaps({ ...evidence, gaps: evidence.gaps.filter(gap => MISSING.has(gap.kind)) });
  if (options.follow === true && options.output === undefined) return;
  writeResult(evidence, options);
}
