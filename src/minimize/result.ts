import { twinsBetween } from "./twins.ts";
import type { Baseline } from "./behaviour.ts";
import type { Flakiness } from "./flakiness.ts";
import type { RunRecord } from "./journal.ts";
import { syscallOf, type Unit } from "./units.ts";

export type UnitClass =
  /** The target fails without it. */
  | "required"
  /** It calls it, and works without. */
  | "optional"
  /** Nobody saw it call that, and it works without. */
  | "unused"
  /** Allowed without trying: the user said so, or no program can do without. */
  | "kept"
  /** The search ended before. */
  | "undecided";

/** What is known about one candidate, and from which run. */
export interface Finding {
  readonly unit: Unit;
  readonly class: UnitClass;
  /** Number of the run that shows it. */
  readonly run: number | undefined;
  /** What failed without it; what was different without it. */
  readonly effects: readonly string[];
  /** How often it was tried in vain in that run. */
  readonly attempts: number;
  /** For an optional call the one that stands in for it; for a required one what was tried instead, in vain. */
  readonly instead: readonly string[];
}

export interface Knowledge {
  readonly candidates: readonly Unit[];
  readonly fixed: readonly Unit[];
  readonly required: readonly Unit[];
  readonly undecided: readonly Unit[];
  /** The run that shows what became of it. */
  readonly shownBy: ReadonlyMap<Unit, RunRecord>;
  /** Called in the untouched run that was recorded. */
  readonly called: ReadonlySet<string>;
}

/** Classes for all candidates, by name. */
export function classify(knowledge: Knowledge): Finding[] {
  const { candidates, fixed, called } = knowledge;
  const required = new Set(knowledge.required);
  const undecided = new Set(knowledge.undecided);
  const findings = fixed.map(
    (unit): Finding => ({ unit, class: "kept", run: undefined, effects: [], attempts: 0, instead: [] }),
  );
  for (const unit of candidates) {
    if (fixed.includes(unit)) continue;
    const run = knowledge.shownBy.get(unit);
    const denied = run?.denied?.filter(call => call.unit === unit || call.syscall === unit) ?? [];
    const attempts = denied.reduce((sum, { times }) => sum + times, 0);
    const wasCalled = called.has(syscallOf(unit)) || attempts > 0;
    const kind: UnitClass = undecided.has(unit)
      ? "undecided"
      : required.has(unit)
        ? "required"
        : wasCalled
          ? "optional"
          : "unused";
    findings.push({
      unit,
      class: kind,
      run: run?.number,
      effects: effectsOf(kind, run),
      attempts,
      instead: insteadOf(kind, unit, run, knowledge),
    });
  }
  return findings.sort((a, b) => (a.unit < b.unit ? -1 : 1));
}

function effectsOf(kind: UnitClass, run: RunRecord | undefined): readonly string[] {
  if (run === undefined) return [];
  if (kind === "required") return run.reason === undefined ? [] : [run.reason];
  return kind === "optional" ? run.differences : [];
}

function insteadOf(
  kind: UnitClass,
  unit: Unit,
  run: RunRecord | undefined,
  { required, called }: Knowledge,
): readonly string[] {
  const name = syscallOf(unit);
  if (kind === "optional") return twinsBetween(name, required.map(syscallOf));
  if (kind !== "required") return [];
  // Calls that the untouched target never makes: it makes them for want of this one.
  const others = (run?.denied ?? []).map(({ syscall }) => syscall).filter(other => !called.has(other));
  return [...new Set(others)].filter(other => other !== name).sort();
}

/** All that a search found. */
export interface MinimizeReport {
  readonly complete: boolean;
  readonly findings: readonly Finding[];
  readonly uses: readonly Finding[];
  readonly units: readonly Unit[];
  readonly baseline: Baseline;
  readonly flakiness: Flakiness | undefined;
  /** Runs in all, and those of the group tests among them. */
  readonly runs: number;
  readonly searchRuns: number;
  readonly finalRuns: readonly RunRecord[];
  readonly notes: readonly string[];
}
