import { groupOf } from "../abi/groups.ts";
import { riskOf } from "../abi/risk.ts";
import { newerTwinsOf, olderTwinsOf } from "../abi/twins.ts";
import type { Evidence, Observation } from "../evidence/model.ts";
import { coUse } from "./co-use.ts";

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

/** A relative is made by programs alike with at least this likelihood: see coUse. */
const LIKELY = 0.1;

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
  "alarm capget capset chdir chown chroot fchown fchownat getcwd getpgid getppid getpriority lchown mlock mlock2 mlockall personality prctl setitimer setpgid setpriority setsid sigaltstack umask".split(
    " ",
  ),
);

/** Makes a process or a thread; until one was made, what is done with them stays unused. */
const CREATION: ReadonlySet<string> = new Set(["clone", "clone3", "fork", "vfork"]);
const AMONG_SEVERAL: ReadonlySet<string> = new Set(
  "clone clone3 fork vfork futex gettid madvise pidfd_open pidfd_send_signal sched_yield wait4 waitid".split(
    " ",
  ),
);

/** What the C library's allocator calls for itself as the heap grows, whatever the program does. */
const ALLOCATOR: ReadonlySet<string> = new Set("brk madvise mmap mprotect mremap munmap".split(" "));

/** Who makes one of these writes files that are to last, and may at any time need the others. */
const STORAGE: ReadonlySet<string> = new Set("fallocate fdatasync fsync ftruncate pwrite64".split(" "));
/** Reading and writing several pieces at once, at a position or not. */
const VECTORS: ReadonlySet<string> = new Set("preadv pwritev readv writev".split(" "));
/** Calls on one kind of object, by their common beginning: who has made one may come to any of the others. */
const OBJECTS = /^(?:epoll_|inotify_|io_|msg|sem|shm|timer_|timerfd_)/;

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
  /** The calls of each program, by its path. */
  readonly byProgram: ReadonlyMap<string, ReadonlySet<string>>;
  readonly likelihood: (syscall: string) => number;
}

/** The program has been seen to use another call for the same work. @param program path of it, if known */
function hasSubstitute(syscall: string, seen: Seen, program: string | undefined): boolean {
  if (NO_SUBSTITUTES.has(syscall)) return false;
  const calls = (program === undefined ? undefined : seen.byProgram.get(program)) ?? seen.syscalls;
  return (
    newerTwinsOf(syscall).some(twin => calls.has(twin.newer)) ||
    olderTwinsOf(syscall).some(twin => calls.has(twin.older))
  );
}

/** One of some calls has been seen, and this is another one. */
function joins(syscall: string, family: ReadonlySet<string>, seen: Seen): boolean {
  return family.has(syscall) && [...family].some(member => seen.syscalls.has(member));
}

/**
 * A reachable call that a program is likely to make one day, judging by what it was seen to do: its own code calls the
 * library's wrapper or something thin around it, the call serves a purpose that was seen at work or that every program
 * has, programs alike make it, it is not of the kind that is settled at start, no substitute of it is in use, and
 * nothing grave is known against it. Measured in docs/policies.md.
 */
function isRelative(observation: Observation, seen: Seen, program: string | undefined): boolean {
  const { syscall, label, distance, abi } = observation;
  if (!seen.abis.has(abi) || riskOf(syscall)?.level === "high") return false;
  if (ALONG.has(label)) return true;
  if (label === "vdso") return CLOCKS.has(syscall);
  if (distance === undefined || distance > NEAR || CRASH_CALLS.has(syscall)) return false;
  if (hasSubstitute(syscall, seen, program)) return false;
  if (AMONG_SEVERAL.has(syscall) && ![...CREATION].some(call => seen.syscalls.has(call))) return false;
  const object = OBJECTS.exec(syscall)?.[0];
  if (object !== undefined) return [...seen.syscalls].some(call => call.startsWith(object));
  if (ALLOCATOR.has(syscall) || joins(syscall, STORAGE, seen) || joins(syscall, VECTORS, seen)) return true;
  if (syscall === "sched_yield") return distance === 0 || seen.likelihood(syscall) >= LIKELY;
  const purpose = groupOf(syscall);
  if (purpose === undefined || SETTLED_AT_START.has(purpose) || SETTLED_CALLS.has(syscall)) return false;
  return (EVERYDAY.has(purpose) || seen.purposes.has(purpose)) && seen.likelihood(syscall) >= LIKELY;
}

function seenIn(observations: readonly Observation[], without: string | undefined): Seen {
  const syscalls = new Set(observations.map(({ syscall }) => syscall));
  const byProgram = new Map<string, Set<string>>();
  for (const { executable, syscall } of observations) {
    if (executable === undefined) continue;
    const calls = byProgram.get(executable);
    if (calls === undefined) byProgram.set(executable, new Set([syscall]));
    else calls.add(syscall);
  }
  return {
    syscalls,
    purposes: new Set([...syscalls].map(groupOf).filter(purpose => purpose !== undefined)),
    abis: new Set(observations.map(({ abi }) => abi)),
    byProgram,
    likelihood: coUse(syscalls, without),
  };
}

/**
 * The evidence that a policy accepts; runs and gaps stay.
 * @param without a program whose own measurement the policy must not know: see coUse
 */
export function acceptedBy(evidence: Evidence, policy: PolicyName, without?: string): Evidence {
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
