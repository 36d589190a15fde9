import type { Evidence, Observation } from "../evidence/model.ts";
import { isRelative, seenIn } from "./relatives.ts";

/**
 * Which evidence becomes a profile.
 *
 * - `observed`: what ran.
 * - `balanced`: what ran, and what is reachable and close to it: see `isRelative`.
 * - `static`: everything that is reachable.
 */
export type PolicyName = "observed" | "balanced" | "static";

export const POLICY_NAMES: readonly PolicyName[] = ["observed", "balanced", "static"];

function isStatic(evidence: Evidence): (observation: Observation) => boolean {
  const runs = new Set(evidence.runs.filter(run => run.source === "static").map(run => run.id));
  return observation => runs.has(observation.run);
}

/** The runs of static analysis that could read what they were to read. */
export function analysedRuns({ runs, observations }: Evidence): ReadonlySet<string> {
  const found = new Set(observations.map(observation => observation.run));
  return new Set(runs.filter(run => run.source === "static" && found.has(run.id)).map(run => run.id));
}

const keyOf = (observation: Observation): string => `${observation.abi} ${observation.number}`;

/**
 * The evidence that a policy accepts; runs and gaps stay.
 * @param without programs whose own measurements the policy must not know, so that a benchmark does not ask a program
 *   about itself
 */
export function acceptedBy(
  evidence: Evidence,
  policy: PolicyName,
  without: readonly string[] = [],
): Evidence {
  const reachable = isStatic(evidence);
  if (policy === "static") return evidence;
  const observed = evidence.observations.filter(observation => !reachable(observation));
  if (policy === "observed") return { ...evidence, observations: observed };
  const seen = seenIn(observed, without);
  const programs = new Map(
    evidence.runs.map(({ id, target }) => [id, target.kind === "file" ? target.path : undefined]),
  );
  return {
    ...evidence,
    observations: evidence.observations.filter(
      observation => !reachable(observation) || isRelative(observation, seen, programs.get(observation.run)),
    ),
  };
}

/**
 * What of evidence becomes a profile where nobody names a policy: what was observed, as `craft` takes it; all that is
 * reachable where nothing was. Evidence of several files is to be taken file by file.
 */
export function countingEvidence(evidence: Evidence): Evidence {
  const observed = acceptedBy(evidence, "observed");
  return observed.observations.length > 0 ? observed : evidence;
}

/** Calls that static analysis finds reachable and no run made, each with one of its observations, by ABI and number. */
export function neverObserved(evidence: Evidence): Observation[] {
  const reachable = isStatic(evidence);
  const seen = new Set(evidence.observations.filter(observation => !reachable(observation)).map(keyOf));
  const found = new Map<string, Observation>();
  for (const observation of evidence.observations) {
    const key = keyOf(observation);
    if (!reachable(observation) || seen.has(key)) continue;
    const known = found.get(key);
    if (known === undefined || (observation.distance ?? Infinity) < (known.distance ?? Infinity))
      found.set(key, observation);
  }
  return [...found.values()];
}
