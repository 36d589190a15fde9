import { groupOf } from "../abi/groups.ts";
import { riskOf } from "../abi/risk.ts";
import { newerTwinsOf, olderTwinsOf } from "../abi/twins.ts";
import type { Observation } from "../evidence/model.ts";
import { coUse, type Likelihood } from "./co-use.ts";

/** At most so many library functions between the program's own code and a relative: the wrapper, and one around it. */
const NEAR = 2;

/** A relative is made by programs alike with at least this likelihood: see coUse. */
const LIKELY = 0.15;

/** What programs alike make with this likelihood, own code calling its wrapper, needs no other sign. */
const COMMON = 0.7;

/** As likely as not. */
const EVEN = 0.5;

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/**
 * Purposes that every program has, without a sign of it in every run. A relative is of one of these, or of a purpose
 * that was seen at work.
 */
const EVERYDAY = words("files memory time processes signals threads system limits");

/**
 * Settled while a program starts: whose process it is, how it is scheduled, what it is confined to. Every recording has
 * seen the start, so what was not called there will not be called later.
 */
const SETTLED_AT_START = words("identity scheduling confinement mounts keys kernel machine");
const SETTLED_CALLS = words(
  "alarm capget capset chroot getpgid getpgrp getpriority getsid mlock mlock2 mlockall personality prctl setitimer setpgid setpriority setsid sigaltstack umask",
);
/** Settled as well, as a rule: where the process is and whose child. What is as likely as not is taken nevertheless. */
const PLACE = words("chdir fchdir getcwd getppid");

/**
 * Makes a process or a thread; until one was made, what is done with them stays unused. The C library gives memory back
 * by madvise() where a thread ends or its heap shrinks, not otherwise.
 */
const CREATION = words("clone clone3 fork vfork");
const AMONG_SEVERAL = words(
  "clone clone3 fork vfork futex gettid madvise pidfd_open pidfd_send_signal sched_yield wait4 waitid",
);
/** Only a process that was made is waited for; a thread is not. */
const PROCESSES = words("fork vfork wait4 waitid");
const AMONG_PROCESSES = words("kill");

/** What the C library's allocator calls for itself as the heap grows and shrinks, whatever the program does. */
const ALLOCATOR = words("brk madvise mmap mprotect mremap munmap");

/** Who makes one of these writes files that are to last, and may at any time need the others. */
const STORAGE = words("fallocate fdatasync fsync ftruncate pwrite64");
/** Reading and writing several pieces at once, at a position or not. */
const VECTORS = words("preadv pwritev readv writev");
/** Calls on one kind of object, by their common beginning: who has made one may come to any of the others. */
const OBJECTS = /^(?:epoll_|inotify_|io_|msg|sem|shm|timer_|timerfd_)/;

/** What a program calls to end itself in a crash; denying it changes only how. */
const CRASH_CALLS = words("tgkill");

/** Waits that a program does not need which waits for its descriptors in another way; poll() is left to libraries. */
const OTHER_WAITS = words("ppoll pselect6 select");
const WAITS = words("epoll_pwait epoll_wait poll ppoll pselect6 select");

/** fork() and pthread_create() use different ones of these, so that having seen one says nothing against the other. */
const NO_SUBSTITUTES = words("clone clone3 fork vfork wait4 waitid");

/** What the kernel adds by itself. */
const ALONG: ReadonlySet<Observation["label"]> = new Set(["restart", "signal-return"] as const);
/** Clock calls that the vDSO answers, until the clock source changes and the kernel has to. */
const CLOCKS = words("clock_gettime gettimeofday");

/** What was seen at work, as far as relatives are judged by it. */
export interface Seen {
  readonly syscalls: ReadonlySet<string>;
  readonly purposes: ReadonlySet<string>;
  readonly abis: ReadonlySet<string>;
  /** The calls of each program, by its path. */
  readonly byProgram: ReadonlyMap<string, ReadonlySet<string>>;
  readonly likelihood: Likelihood;
}

/** @param without programs whose own measurements must not be asked: see coUse */
export function seenIn(observations: readonly Observation[], without: readonly string[] = []): Seen {
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

const any = (members: ReadonlySet<string>, calls: ReadonlySet<string>): boolean =>
  [...members].some(member => calls.has(member));

/** The program has been seen to use another call for the same work. @param program path of it, if known */
function hasSubstitute(syscall: string, seen: Seen, program: string | undefined): boolean {
  if (NO_SUBSTITUTES.has(syscall)) return false;
  const calls = (program === undefined ? undefined : seen.byProgram.get(program)) ?? seen.syscalls;
  return (
    newerTwinsOf(syscall).some(twin => calls.has(twin.newer)) ||
    olderTwinsOf(syscall).some(twin => calls.has(twin.older)) ||
    (OTHER_WAITS.has(syscall) && any(WAITS, calls))
  );
}

/** Nothing that it would work upon was seen: another process, another thread, an object of its kind. */
function lacksPartner(syscall: string, seen: Seen): boolean {
  if (AMONG_SEVERAL.has(syscall) && !any(CREATION, seen.syscalls)) return true;
  if (AMONG_PROCESSES.has(syscall) && !any(PROCESSES, seen.syscalls)) return true;
  const object = OBJECTS.exec(syscall)?.[0];
  return object !== undefined && ![...seen.syscalls].some(call => call.startsWith(object));
}

/** Comes with what was seen, whatever programs alike do. */
function comesAlong(syscall: string, seen: Seen): boolean {
  if (ALLOCATOR.has(syscall) || OBJECTS.test(syscall)) return true;
  return [STORAGE, VECTORS].some(family => family.has(syscall) && any(family, seen.syscalls));
}

/** The C library's own writev() is that of its message about a damaged heap, which malloc() leads to. */
function isLastWord(syscall: string, distance: number): boolean {
  return CRASH_CALLS.has(syscall) || (syscall === "writev" && distance > 1);
}

/**
 * A reachable call that a program is likely to make one day, judging by what it was seen to do: its own code calls the
 * library's wrapper or something thin around it, the call serves a purpose that was seen at work or that every program
 * has, programs alike make it, it is not of the kind that is settled at start, no substitute of it is in use, and
 * nothing grave is known against it. Measured in docs/policies.md.
 * @param program path of the program that it was found in, if known
 */
export function isRelative(observation: Observation, seen: Seen, program: string | undefined): boolean {
  const { syscall, label, distance, abi, inScripts } = observation;
  if (!seen.abis.has(abi) || riskOf(syscall)?.level === "high") return false;
  if (ALONG.has(label)) return true;
  if (label === "vdso") return CLOCKS.has(syscall);
  if (inScripts === "absent" || distance === undefined || distance > NEAR) return false;
  if (inScripts === "named") return true;
  if (isLastWord(syscall, distance)) return false;
  if (hasSubstitute(syscall, seen, program) || lacksPartner(syscall, seen)) return false;
  if (comesAlong(syscall, seen)) return true;
  const likelihood = seen.likelihood(syscall);
  if (syscall === "sched_yield") return distance === 0 || likelihood >= LIKELY;
  const purpose = groupOf(syscall);
  if (purpose === undefined || SETTLED_AT_START.has(purpose) || SETTLED_CALLS.has(syscall)) return false;
  if (PLACE.has(syscall)) return distance < NEAR && likelihood >= EVEN;
  if (distance < NEAR && seen.likelihood(syscall, "alone") >= COMMON) return true;
  return (EVERYDAY.has(purpose) || seen.purposes.has(purpose)) && likelihood >= LIKELY;
}
