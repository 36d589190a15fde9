import {
  canonicalGap,
  canonicalObservation,
  canonicalRun,
  compareGaps,
  compareObservations,
  compareRuns,
  compareText,
  gapKey,
  mergeArguments,
  observationKey,
} from "./canonical.ts";
import type { CallSite, Environment, Evidence, Gap, Observation, Run } from "./model.ts";

export const NO_EVIDENCE: Evidence = { seccraft: "evidence/1", runs: [], observations: [], gaps: [] };

type Choose<T> = (a: T, b: T) => T;

/** Joins two optional values: absent is below everything. */
function both<T>(a: T | undefined, b: T | undefined, choose: Choose<T>): T | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : choose(a, b);
}

const max: Choose<number> = (a, b) => Math.max(a, b);
const min: Choose<number> = (a, b) => Math.min(a, b);
const firstText: Choose<string> = (a, b) => (compareText(a, b) <= 0 ? a : b);
const lastText: Choose<string> = (a, b) => (compareText(a, b) >= 0 ? a : b);

/** The one that says more, the first in text order among equally long ones: for what should never differ. */
function richer<T>(a: T, b: T): T {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)];
  return (y.length - x.length || compareText(x, y)) <= 0 ? a : b;
}

function shorterPath(a: readonly CallSite[], b: readonly CallSite[]): readonly CallSite[] {
  return (a.length - b.length || compareText(JSON.stringify(a), JSON.stringify(b))) <= 0 ? a : b;
}

function largerCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const counts = new Map(Object.entries(a));
  for (const [name, count] of Object.entries(b)) counts.set(name, Math.max(count, counts.get(name) ?? 0));
  return Object.fromEntries(counts);
}

function nameless(name: string): boolean {
  return name.startsWith("syscall_");
}

/** A name from a table is better than `syscall_NUMBER` of a source that knew none. */
function betterName(a: string, b: string): string {
  if (nameless(a) !== nameless(b)) return nameless(a) ? b : a;
  return firstText(a, b);
}

function joinEnvironments(a: Environment, b: Environment): Environment {
  const result: { -readonly [K in keyof Environment]: Environment[K] } = { ...a };
  for (const key of ["kernel", "machine", "libc"] as const) {
    const value = both(a[key], b[key], richer);
    if (value !== undefined) result[key] = value;
  }
  const user = both(a.user, b.user, min);
  if (user !== undefined) result.user = user;
  const noNew = both(a.noNewPrivileges, b.noNewPrivileges, (x, y) => x || y);
  if (noNew !== undefined) result.noNewPrivileges = noNew;
  return result;
}

/** Fields of `values` that are there, over `base`. */
function withDefined<T extends object>(base: T, values: { [K in keyof T]?: T[K] | undefined }): T {
  const defined = Object.entries(values).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(defined) };
}

function joinRuns(a: Run, b: Run): Run {
  return withDefined(a, {
    source: firstText(a.source, b.source) as Run["source"],
    purpose: firstText(a.purpose, b.purpose) as Run["purpose"],
    target: richer(a.target, b.target),
    tool: firstText(a.tool, b.tool),
    started: both(a.started, b.started, firstText),
    finished: a.finished || b.finished,
    environment: both(a.environment, b.environment, joinEnvironments),
    seconds: both(a.seconds, b.seconds, max),
  });
}

function joinObservations(a: Observation, b: Observation): Observation {
  return withDefined(a, {
    syscall: betterName(a.syscall, b.syscall),
    count: both(a.count, b.count, max),
    firstSeen: both(a.firstSeen, b.firstSeen, min),
    errnos: both(a.errnos, b.errnos, largerCounts),
    arguments: both(a.arguments, b.arguments, (x, y) => mergeArguments([...x, ...y])),
    distance: both(a.distance, b.distance, min),
    inScripts: both(a.inScripts, b.inScripts, lastText) as Observation["inScripts"],
    path: both(a.path, b.path, shorterPath),
  });
}

function joinGaps(a: Gap, b: Gap): Gap {
  return withDefined(a, {
    path: both(a.path, b.path, shorterPath),
    remedy: both(a.remedy, b.remedy, richer),
    count: both(a.count, b.count, max),
  });
}

/** Items in canonical form, those of one key joined, sorted. */
function joined<T>(
  lists: readonly (readonly T[])[],
  key: (item: T) => string,
  canonical: (item: T) => T,
  join: (a: T, b: T) => T,
  order: (a: T, b: T) => number,
): readonly T[] {
  const found = new Map<string, T>();
  for (const list of lists) {
    for (const raw of list) {
      const item = canonical(raw);
      const name = key(item);
      const known = found.get(name);
      if (known === undefined) found.set(name, item);
      else if (known !== item) found.set(name, canonical(join(known, item)));
    }
  }
  return [...found.values()].sort(order);
}

/**
 * The least evidence that says everything its parts say, in canonical form: lists sorted, each item once, fields in
 * a fixed order. Commutative, associative and idempotent, so checkpoints of one run and files of many may be joined
 * in any order and any number of times.
 *
 * The same run at two checkpoints: finished if either is, the longer time, the larger counts, the earlier first
 * sight, argument values united (complete only if both are), the shorter call path. Nothing is ever dropped.
 */
export function joinEvidence(...parts: readonly Evidence[]): Evidence {
  return {
    seccraft: "evidence/1",
    runs: joined(
      parts.map(part => part.runs),
      run => run.id,
      canonicalRun,
      joinRuns,
      compareRuns,
    ),
    observations: joined(
      parts.map(part => part.observations),
      observationKey,
      canonicalObservation,
      joinObservations,
      compareObservations,
    ),
    gaps: joined(
      parts.map(part => part.gaps),
      gapKey,
      canonicalGap,
      joinGaps,
      compareGaps,
    ),
  };
}
