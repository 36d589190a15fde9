import { groupOf } from "../abi/groups.ts";
import { riskOf } from "../abi/risk.ts";
import type { Evidence, Observation } from "../evidence/model.ts";

/**
 * Which evidence becomes a profile.
 *
 * - `observed`: what ran.
 * - `balanced`: what ran, and what is reachable and close to it: see `isRelative`.
 * - `static`: everything that is reachable.
 */
export type PolicyName = "observed" | "balanced" | "static";

export const POLICY_NAMES: readonly PolicyName[] = ["observed", "balanced", "static"];

/** At most so many library functions between the program's own code and a relative: the wrapper, and one around it. */
const NEAR = 2;

/**
 * Purposes that programs take up on occasion, without a sign of it in every run: the kernel objects of a relative must
 * be of a purpose that was seen at work, or of one of these.
 */
const EVERYDAY: ReadonlySet<string> = new Set([
  "files",
  "memory",
  "time",
  "processes",
  "signals",
  "threads",
  "system",
  "limits",
]);

/** What comes along with every program and is harmless: the kernel's own restarts, and what the vDSO falls back to. */
const ALONG: ReadonlySet<Observation["label"]> = new Set(["restart", "signal-return", "vdso"] as const);

function isStatic(evidence: Evidence): (observation: Observation) => boolean {
  const runs = new Set(evidence.runs.filter(run => run.source === "static").map(run => run.id));
  return observation => runs.has(observation.run);
}

const keyOf = (observation: Observation): string => `${observation.abi} ${observation.number}`;

/**
 * A reachable call that a program is likely to make one day, judging by what it was seen to do: its own code calls the
 * library's wrapper (or something thin around it), it serves a purpose that was seen at work or that every program has,
 * and nothing is known against it. Measured in docs/policies.md.
 */
function isRelative(observation: Observation, purposes: ReadonlySet<string>): boolean {
  if (riskOf(observation.syscall)?.level === "high") return false;
  if (ALONG.has(observation.label)) return true;
  if (observation.distance === undefined || observation.distance > NEAR) return false;
  const purpose = groupOf(observation.syscall);
  return purpose !== undefined && (purposes.has(purpose) || EVERYDAY.has(purpose));
}

/** The evidence that a policy accepts; runs and gaps stay. */
export function acceptedBy(evidence: Evidence, policy: PolicyName): Evidence {
  const reachable = isStatic(evidence);
  if (policy === "static") return evidence;
  const seen = evidence.observations.filter(observation => !reachable(observation));
  if (policy === "observed") return { ...evidence, observations: seen };
  const abis = new Set(seen.map(({ abi }) => abi));
  const purposes = new Set(
    seen.map(({ syscall }) => groupOf(syscall)).filter(purpose => purpose !== undefined),
  );
  return {
    ...evidence,
    observations: evidence.observations.filter(
      observation =>
        !reachable(observation) || (abis.has(observation.abi) && isRelative(observation, purposes)),
    ),
  };
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
