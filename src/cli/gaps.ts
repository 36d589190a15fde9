import type { Evidence, Gap } from "../evidence/model.ts";
import { plural } from "../plural.ts";
import { tell } from "./say.ts";

const MOST_GAPS = 100;
/** So many programs are named for one gap. */
const MOST_PROGRAMS = 6;

/** Gaps that differ in the address alone, and where they are. */
interface Alike {
  readonly gap: Gap;
  readonly addresses: Set<string>;
  readonly programs: Set<string>;
}

function describe({ gap: { place, reason, count, remedy }, addresses }: Alike): string {
  const where = [place?.file, place?.address, place?.function].filter(part => part !== undefined);
  const others = addresses.size > 1 ? ` and ${plural(addresses.size - 1, "other place")} in it` : "";
  const times = count === undefined || count === 1 ? "" : ` (${count})`;
  const what = `${where.length === 0 ? "" : `${where.join(" ")}${others}: `}${reason}${times}`;
  return remedy === undefined ? what : `${what}; ${remedy}`;
}

/**
 * What a source leaves open belongs before the eyes of whoever uses the profile: each gap once and, of several files, in
 * which of them it is.
 */
export function tellGaps({ gaps, runs }: Pick<Evidence, "gaps" | "runs">): void {
  const files = new Map(runs.flatMap(run => (run.target.kind === "file" ? [[run.id, run.target.path]] : [])));
  const groups = new Map<string, Alike>();
  for (const gap of gaps) {
    const { place, reason, count, remedy } = gap;
    const key = JSON.stringify([place?.file, place?.function, reason, count, remedy]);
    const known = groups.get(key) ?? { gap, addresses: new Set(), programs: new Set() };
    groups.set(key, known);
    if (place?.address !== undefined) known.addresses.add(place.address);
    known.programs.add(files.get(gap.run) ?? "");
  }
  for (const alike of [...groups.values()].slice(0, MOST_GAPS)) {
    const names = [...alike.programs].sort();
    const more = names.length > MOST_PROGRAMS ? `, and ${names.length - MOST_PROGRAMS} more` : "";
    const which = files.size < 2 ? "" : ` (in ${names.slice(0, MOST_PROGRAMS).join(", ")}${more})`;
    tell(`gap: ${describe(alike)}${which}\n`);
  }
  if (groups.size > MOST_GAPS) tell(`gap: ${groups.size - MOST_GAPS} more, in the evidence\n`);
}
