import { TargetError } from "../errors.ts";
import type { HuntOptions } from "./hunt.ts";
import type { Journal, RunRecord } from "./journal.ts";
import type { Lab } from "./lab.ts";
import { syscallOf, type Unit } from "./units.ts";

/** So often the result must work under the kernel's own enforcement. */
const FINAL_RUNS = 3;

export interface Final {
  readonly units: Unit[];
  /** Put back because the smallest set did not work every time. */
  readonly added: Unit[];
  /** The failure that shows why. */
  readonly because: ReadonlyMap<Unit, RunRecord>;
  readonly runs: RunRecord[];
}

/**
 * Runs the result under enforcement. Should it fail now and then, the last set before it that works every time is
 * taken: sets that were allowed before only ever shrink, so nothing is allowed that was not before.
 * @throws TargetError when no set works
 */
export async function finalRuns(
  units: readonly Unit[],
  options: HuntOptions,
  journal: Journal,
): Promise<Final> {
  const { lab, mode } = options;
  const because = new Map<Unit, RunRecord>();
  const smallest = new Set(units);
  for (const allowed of [[...smallest].sort(), ...acceptedSets(journal, mode, smallest)]) {
    let runs = await enforce(allowed, lab);
    if (runs.some(run => !run.works)) {
      await options.onDoubt(false);
      runs = await enforce(allowed, lab);
    }
    const failed = runs.find(run => !run.works);
    const added = allowed.filter(unit => !smallest.has(unit));
    if (failed === undefined) return { units: [...allowed], added, because, runs };
    // What is put back later is put back because of this failure.
    const larger = new Set(allowed);
    for (const run of journal.runs) {
      for (const unit of run.trial.allowed ?? [])
        if (!larger.has(unit) && !because.has(unit)) because.set(unit, failed);
    }
  }
  throw new TargetError(
    "what worked while it was watched fails under the kernel's own enforcement every time",
  );
}

/** Larger sets that worked, the smallest first. */
function acceptedSets(
  journal: Journal,
  mode: HuntOptions["mode"],
  smallest: ReadonlySet<Unit>,
): readonly (readonly Unit[])[] {
  return journal.runs
    .filter(run => run.works && run.trial.mode === mode)
    .map(run => run.trial.allowed ?? [])
    .filter(allowed => allowed.length > smallest.size)
    .filter(allowed =>
      [...smallest].every(unit => allowed.includes(unit) || allowed.includes(syscallOf(unit))),
    )
    .sort((a, b) => a.length - b.length);
}

async function enforce(allowed: readonly Unit[], lab: Lab): Promise<RunRecord[]> {
  const runs: RunRecord[] = [];
  const needed = lab.failuresNeeded;
  for (let round = 0, at = 0; round < FINAL_RUNS; round++) {
    let run: RunRecord;
    let failures = 0;
    // Whatever the budget: a result that was not enforced is none.
    do run = await lab.run({ mode: "enforced", allowed }, at++, true);
    while (!run.works && ++failures < needed);
    runs.push(run);
    if (!run.works) break;
  }
  return runs;
}
