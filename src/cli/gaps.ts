import type { Evidence, Gap } from "../evidence/model.ts";
import { tell } from "./say.ts";

const MOST_GAPS = 100;
/** So many programs are named for one gap. */
const MOST_PROGRAMS = 6;

function describe({ place, reason, count, remedy }: Gap): string {
  const where = [place?.file, place?.address, place?.function].filter(part => part !== undefined);
  const times = count === undefined || count === 1 ? "" : ` (${count})`;
  const what = `${where.length === 0 ? "" : `${where.join(" ")}: `}${reason}${times}`;
  return remedy === undefined ? what : `${what}; ${remedy}`;
}

/**
 * What a source leaves open belongs before the eyes of whoever uses the profile: each gap once and, of several files, in
 * which of them it is.
 */
export function tellGaps({ gaps, runs }: Pick<Evidence, "gaps" | "runs">): void {
  const files = new Map(runs.flatMap(run => (run.target.kind === "file" ? [[run.id, run.target.path]] : [])));
  const programs = new Map<string, Set<string>>();
  for (const gap of gaps) {
    const text = describe(gap);
    const known = programs.get(text) ?? new Set();
    programs.set(text, known.add(files.get(gap.run) ?? ""));
  }
  for (const [text, of] of [...programs].slice(0, MOST_GAPS)) {
    const names = [...of].sort();
    const more = names.length > MOST_PROGRAMS ? `, and ${names.length - MOST_PROGRAMS} more` : "";
    const which = files.size < 2 ? "" : ` (in ${names.slice(0, MOST_PROGRAMS).join(", ")}${more})`;
    tell(`gap: ${text}${which}\n`);
  }
  if (programs.size > MOST_GAPS) tell(`gap: ${programs.size - MOST_GAPS} more, in the evidence\n`);
}
