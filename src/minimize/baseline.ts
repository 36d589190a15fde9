import { TargetError } from "../errors.ts";
import { baselineOf, judgeRun, type Baseline } from "./behaviour.ts";
import { repeatsFor, type Flakiness } from "./flakiness.ts";
import type { RunRecord } from "./journal.ts";
import type { Lab } from "./lab.ts";
import type { SuccessSpec } from "./success.ts";
import type { TrialLimits } from "./trial.ts";

const UNTOUCHED = { mode: "untouched" } as const;
/** The untouched target must succeed this often before anything is tried. */
const FIRST_RUNS = 2;
/** Untouched runs from which the rate of random failures is taken. */
const MEASURED_RUNS = 40;

/**
 * Runs the target untouched, twice.
 * @returns undefined for `baseline` when one of the runs failed and the other did not: then the rate must be measured
 * @throws TargetError when it does not succeed, or does not do the same twice where the success specs want that
 */
export async function firstRuns(
  lab: Lab,
  success: readonly SuccessSpec[],
  expectedExit: number | undefined,
): Promise<Baseline | undefined> {
  const runs: RunRecord[] = [];
  for (let repetition = 0; repetition < FIRST_RUNS; repetition++)
    runs.push(await lab.run(UNTOUCHED, repetition, true));
  const good = runs.filter(run => run.works);
  if (good.length === 0) throw untouchedFailure(runs[0]);
  if (good.length < runs.length) return undefined;
  requireSameness(good, success, expectedExit);
  return baselineOf(good.map(run => run.behaviour));
}

function untouchedFailure(run: RunRecord | undefined): TargetError {
  return new TargetError(
    `the target does not succeed even untouched: ${run?.reason ?? "unknown"}`,
    run?.behaviour.output ?? "",
  );
}

function requireSameness(
  runs: readonly RunRecord[],
  success: readonly SuccessSpec[],
  expectedExit: number | undefined,
): void {
  const [first, ...others] = runs;
  if (first === undefined) return;
  const alone = baselineOf([first.behaviour]);
  // Two runs do not take the same time to the millisecond, which the slower of them allows for.
  const comparable = success.filter(spec => spec.kind !== "time");
  for (const other of others) {
    const { reason } = judgeRun(other.behaviour, alone, comparable, expectedExit);
    if (reason === undefined) continue;
    throw new TargetError(
      `two untouched runs already differ: ${reason}. Choose a success that both pass, for example --success output-but:REGEX for what changes from run to run`,
    );
  }
}

/**
 * Measures how often the target fails without a reason.
 * @param questions how many calls could be taken for required by chance
 * @param certain a run failed that should not have, whatever the untouched runs show
 * @returns without `flakiness` when it does not fail at random, as far as these runs show
 * @throws TargetError with the rate when repeating would take too many runs
 */
export async function measureFlakiness(
  lab: Lab,
  questions: number,
  certain: boolean,
): Promise<{ flakiness: Flakiness | undefined; baseline: Baseline }> {
  const before = lab.baseline;
  const runs = await Promise.all(
    Array.from({ length: MEASURED_RUNS }, (_, repetition) => lab.run(UNTOUCHED, repetition)),
  );
  const good = runs.filter(run => run.works);
  const baseline = before.runs.length > 0 ? before : baselineOf(good.map(run => run.behaviour));
  const failures = Math.max(certain ? 1 : 0, runs.length - good.length);
  if (failures === 0) return { flakiness: undefined, baseline };
  const failuresNeeded = repeatsFor(failures, runs.length, questions);
  if (failuresNeeded === undefined) {
    throw new TargetError(
      `the target fails at random: ${failures} of ${runs.length} runs that should work did not. That is too often to tell what it needs; make it reliable first, or give it a larger --timeout`,
      runs.find(run => !run.works)?.behaviour.output ?? "",
    );
  }
  return {
    flakiness: { failures, runs: runs.length, failuresNeeded },
    baseline,
  };
}

/** A run that takes much longer than the untouched ones waits for something that it was denied. */
export function limitsFrom(baseline: Baseline, timeoutMs: number): TrialLimits {
  const slowest = baseline.slowest * 1000;
  return {
    limitMs: Math.min(timeoutMs, Math.round(slowest * 4 + 1500)),
    graceMs: Math.min(10_000, Math.round(slowest * 4 + 1500)),
  };
}
