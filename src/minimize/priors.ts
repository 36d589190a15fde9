import { riskOf } from "../abi/risk.ts";
import { newerTwinsOf, olderTwinsOf } from "../abi/twins.ts";
import type { Evidence, Observation } from "../evidence/model.ts";
import type { Candidate } from "./search.ts";

/** Chances that a call is required. They only steer how calls are grouped; a wrong one costs runs, never correctness. */
const CHANCE = {
  neverCalled: 0.001,
  /** Only ever failed while everything was allowed. */
  alwaysFailed: 0.1,
  ornament: 0.1,
  usual: 0.5,
  vital: 0.9,
} as const;

/** Libraries make these and go on without the answer: the C library's start, sizes, names and hints. */
const ORNAMENTS = new Set(
  `access brk close fadvise64 fcntl get_robust_list getegid geteuid getgid getpgrp getpid getppid getrandom getrlimit
  getrusage gettid getuid ioctl lseek madvise membarrier munmap prctl prlimit64 readlink readlinkat rseq
  rt_sigprocmask sched_getaffinity set_robust_list set_tid_address setrlimit sigaltstack statfs sysinfo umask uname`
    .trim()
    .split(/\s+/),
);

/** Hardly anything that makes these can do without. */
const VITAL = new Set(
  `accept accept4 arch_prctl bind clone connect dup2 epoll_create1 epoll_ctl epoll_pwait epoll_wait execve exit_group
  fork fstat futex getdents64 listen mmap mprotect newfstatat open openat pipe pipe2 poll ppoll pread64 read recvfrom
  recvmsg select sendmsg sendto socket vfork wait4 write writev`
    .trim()
    .split(/\s+/),
);

function alwaysFailed(seen: readonly Observation[]): boolean {
  return seen.every(({ count, errnos }) => {
    if (count === undefined || errnos === undefined) return false;
    return Object.values(errnos).reduce((sum, failures) => sum + failures, 0) >= count;
  });
}

function priorOf(name: string, seen: readonly Observation[] | undefined): number {
  if (seen === undefined) return CHANCE.neverCalled;
  if (alwaysFailed(seen)) return CHANCE.alwaysFailed;
  if (ORNAMENTS.has(name)) return CHANCE.ornament;
  return VITAL.has(name) ? CHANCE.vital : CHANCE.usual;
}

/** Of a pair of twins the call with more against it goes first, else the older one. */
function removalRank(name: string): number {
  const risk = { high: 0, elevated: 1, none: 2 }[riskOf(name)?.level ?? "none"];
  const age = newerTwinsOf(name).length > 0 ? 0 : olderTwinsOf(name).length > 0 ? 2 : 1;
  return risk * 3 + age;
}

/**
 * The candidates in the order in which they are tried for removal: never called first, then by the chance that they
 * are required, the riskier and the older ones first among equals. Where either of two calls would do, the one that
 * comes first goes.
 * @param recorded what an untouched run was seen to call
 */
export function orderCandidates(names: Iterable<string>, recorded: Evidence): Candidate[] {
  const seen = new Map<string, Observation[]>();
  for (const observation of recorded.observations) {
    const list = seen.get(observation.syscall);
    if (list === undefined) seen.set(observation.syscall, [observation]);
    else list.push(observation);
  }
  return [...new Set(names)]
    .map(name => ({ name, prior: priorOf(name, seen.get(name)), rank: removalRank(name) }))
    .sort((a, b) => a.prior - b.prior || a.rank - b.rank || (a.name < b.name ? -1 : 1))
    .map(({ name, prior }) => ({ name, prior }));
}
