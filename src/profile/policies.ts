import { groupOf } from "../abi/groups.ts";
import { riskOf } from "../abi/risk.ts";
import { newerTwinsOf, olderTwinsOf } from "../abi/twins.ts";
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
 * Purposes that every program has, without a sign of it in every run. A relative is of one of these, or of a purpose
 * that was seen at work.
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

/**
 * Settled while a program starts: whose process it is, how it is scheduled, what it is confined to. Every recording has
 * seen the start, so what was not called there will not be called later.
 */
const SETTLED_AT_START: ReadonlySet<string> = new Set([
  "identity",
  "scheduling",
  "confinement",
  "mounts",
  "keys",
  "kernel",
  "machine",
]);
const SETTLED_CALLS: ReadonlySet<string> = new Set(
  "alarm capget capset chdir chroot getcwd getpgid getppid getpriority mlock mlock2 mlockall personality prctl setitimer setpgid setpriority setsid sigaltstack umask".split(
    " ",
  ),
);

/** What a program calls to end itself in a crash; denying it changes only how. */
const CRASH_CALLS: ReadonlySet<string> = new Set(["tgkill"]);

/** fork() and pthread_create() use different ones of these, so that having seen one says nothing against the other. */
const NO_SUBSTITUTES: ReadonlySet<string> = new Set(["clone", "clone3", "fork", "vfork", "wait4", "waitid"]);

/** What the kernel adds by itself. */
const ALONG: ReadonlySet<Observation["label"]> = new Set(["restart", "signal-return"] as const);
/** Clock calls that the vDSO answers, until the clock source changes and the kernel has to. */
const CLOCKS: ReadonlySet<string> = new Set(["clock_gettime", "gettimeofday"]);

function isStatic(evidence: Evidence): (observation: Observation) => boolean {
  const runs = new Set(evidence.runs.filter(run => run.source === "static").map(run => run.id));
  return observation => runs.has(observation.run);
}

const keyOf = (observation: Observation): string => `${observation.abi} ${observation.number}`;

/** What was seen at work, as far as relatives are judged by it. */
interface Seen {
  readonly syscalls: ReadonlySet<string>;
  readonly purposes: ReadonlySet<string>;
  readonly abis: ReadonlySet<string>;
}

/** The program has been seen to use another call for the same work. */
function hasSubstitute(syscall: string, seen: Seen): boolean {
  if (NO_SUBSTITUTES.has(syscall)) return false;
  return (
    newerTwinsOf(syscall).some(twin => seen.syscalls.has(twin.newer)) ||
    olderTwinsOf(syscall).some(twin => seen.syscalls.has(twin.older))
  );
}

/**
 * A reachable call that a program is likely to make one day, judging by what it was seen to do: its own code calls the
 * library's wrapper or something thin around it, the call serves a purpose that was seen at work or that every program
 * has, it is not of the kind that is settled at start, no substitute of it is in use, and nothing grave is known against
 * it. Measured in docs/policies.md.
 */
function isRelative({ syscall, label, distance, abi }: Observation, seen: Seen): boolean {
  if (!seen.abis.has(abi) || riskOf(syscall)?.level === "high") return false;
  if (ALONG.has(label)) return true;
  if (label === "vdso") return CLOCKS.has(syscall);
  if (distance === undefined || distance > NEAR || CRASH_CALLS.has(syscall) || SETTLED_CALLS.has(syscall))
    return false;
  const purpose = groupOf(syscall);
  if (purpose === undefined || SETTLED_AT_START.has(purpose) || hasSubstitute(syscall, seen)) return false;
  return EVERYDAY.has(purpose) || seen.purposes.has(purpose);
}

/** The evidence that a policy accepts; runs and gaps stay. */
export function acceptedBy(evidence: Evidence, policy: PolicyName): Evidence {
  const reachable = isStatic(evidence);
  if (policy === "static") return evidence;
  const seen = evidence.observations.filter(observation => !reachable(observation));
  if (policy === "observed") return { ...evidence, observations: seen };
  const known: Seen = {
    syscalls: new Set(seen.map(({ syscall }) => syscall)),
    purposes: new Set(seen.map(({ syscall }) => groupOf(syscall)).filter(purpose => purpose !== undefined)),
    abis: new Set(seen.map(({ abi }) => abi)),
  };
  return {
    ...evidence,
    observations: evidence.observations.filter(
      observation => !reachable(observation) || isRelative(observation, known),
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
