import type { Evidence, Run, SourceKind, Target } from "./model.ts";

/** What the runs say about runs that are still to come. Formulas and sources: `docs/completeness.md`. */
export interface Completeness {
  /** Finished runs of one kind that the figures rest on, verification runs included. */
  readonly runs: number;
  /** Runs after the first, in the order of time: each was a chance to find something new. */
  readonly trials: number;
  /** How many of the trials did find a syscall that no earlier run had shown. */
  readonly surprises: number;
  /** Different syscalls (an ABI and a number) that the evidence holds in all. */
  readonly known: number;
  /**
   * Estimate of the probability that the next run of the same workload shows at least one syscall that is not known
   * yet; undefined with fewer than two runs. Leaning to the high side.
   */
  readonly unseenProbability: number | undefined;
  /** The probability is at most this, with `confidence`; undefined with fewer than two runs. */
  readonly unseenProbabilityAtMost: number | undefined;
  /** Confidence of the upper bound and of the interval, as a fraction. */
  readonly confidence: number;
  /** How many new syscalls the next run is expected to show; undefined with fewer than two fully observed runs. */
  readonly expectedNew: number | undefined;
  /**
   * Chao2: how many syscalls endless runs of the same workload would show, rather too few than too many, with a
   * 95 % interval; undefined with fewer than two fully observed runs.
   */
  readonly estimatedTotal:
    | { readonly estimate: number; readonly low: number; readonly high: number }
    | undefined;
  /** The same in a sentence or two for people; names the number of runs that it rests on. */
  readonly explanation: string;
}

/** Sources that see every call of a run. A log shows only what some filter let through to it. */
const FULL: ReadonlySet<SourceKind> = new Set(["ebpf", "notify", "strace"]);
const CONFIDENCE = 0.95;

interface Sighting {
  readonly run: Run;
  /** True when the run shows all its calls; false for a verification, which shows only what was denied. */
  readonly full: boolean;
  readonly calls: ReadonlySet<string>;
}

/** What makes two runs comparable. Process ids and container ids change from run to run. */
function kindOfTarget(target: Target): string {
  if (target.kind === "process") return JSON.stringify([target.kind, target.executable ?? target.pid]);
  if (target.kind === "container") return JSON.stringify([target.kind, target.image ?? target.id]);
  return JSON.stringify(target);
}

/** Finished runs that count, in the order of time (of their ids where there is none). */
function sightings(evidence: Evidence): readonly Sighting[] {
  const calls = new Map<string, Set<string>>();
  for (const o of evidence.observations) {
    let set = calls.get(o.run);
    if (set === undefined) calls.set(o.run, (set = new Set()));
    set.add(`${o.abi} ${o.number}`);
  }
  return evidence.runs
    .filter(
      run =>
        run.finished && (run.purpose === "verify" || (run.purpose === "observe" && FULL.has(run.source))),
    )
    .map(run => ({ run, full: run.purpose === "observe", calls: calls.get(run.id) ?? new Set<string>() }))
    .sort((a, b) => {
      const [x, y] = [`${a.run.started ?? ""} ${a.run.id}`, `${b.run.started ?? ""} ${b.run.id}`];
      return x < y ? -1 : x > y ? 1 : 0;
    });
}

/** In how many of the runs each syscall was seen. */
function incidences(runs: readonly Sighting[]): Map<string, number> {
  const seen = new Map<string, number>();
  for (const { calls } of runs) for (const call of calls) seen.set(call, (seen.get(call) ?? 0) + 1);
  return seen;
}

/** Trials that showed a call which no earlier run had shown. */
function countSurprises(runs: readonly Sighting[]): number {
  const seen = new Set<string>();
  let surprises = 0;
  for (const [index, { calls }] of runs.entries()) {
    const before = seen.size;
    for (const call of calls) seen.add(call);
    if (index > 0 && seen.size > before) surprises++;
  }
  return surprises;
}

/**
 * Good-Turing with a whole run as the thing that is new or not: the share of runs that show something no other run
 * shows. A verification cannot confirm what is allowed, so with a single full run that run says nothing here.
 */
function leaveOneOut(runs: readonly Sighting[]): number {
  const seen = incidences(runs);
  const judged = runs.filter(r => r.full).length === 1 ? runs.filter(r => !r.full) : runs;
  const alone = judged.filter(({ calls }) => [...calls].some(call => seen.get(call) === 1)).length;
  return alone / judged.length;
}

/** P(X ≤ k) for X ~ Bin(n, p). */
function binomialAtMost(k: number, n: number, p: number): number {
  if (p <= 0) return 1;
  if (p >= 1) return k >= n ? 1 : 0;
  let logTerm = n * Math.log1p(-p);
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}

/** Clopper-Pearson upper limit of a proportion: the p at which k or fewer of n has probability 1 − confidence. */
function upperLimit(k: number, n: number, confidence: number): number {
  if (k >= n) return 1;
  let [low, high] = [k / n, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (binomialAtMost(k, n, middle) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}

/** Sizes of behaviours, by how many runs showed them: calls that were seen in exactly the same runs are one behaviour. */
function behaviours(runs: readonly Sighting[]): readonly { readonly runs: number; readonly calls: number }[] {
  const patterns = new Map<string, number[]>();
  for (const [index, { calls }] of runs.entries()) {
    for (const call of calls) {
      const pattern = patterns.get(call);
      if (pattern === undefined) patterns.set(call, [index]);
      else pattern.push(index);
    }
  }
  const sizes = new Map<string, { runs: number; calls: number }>();
  for (const pattern of patterns.values()) {
    const key = pattern.join(" ");
    const known = sizes.get(key);
    if (known === undefined) sizes.set(key, { runs: pattern.length, calls: 1 });
    else known.calls++;
  }
  return [...sizes.values()];
}

/**
 * Chao2 over behaviours, each unseen one taken to be as large as those seen once, with its log-normal interval.
 * Calls come in groups (a background save shows ten at once); Chao2 over single calls would count each as evidence
 * of its own and promise too much. `shown` is what all runs together have shown.
 */
function chao2(runs: readonly Sighting[], shown: number): NonNullable<Completeness["estimatedTotal"]> {
  const groups = behaviours(runs);
  const once = groups.filter(group => group.runs === 1);
  const q1 = once.length;
  const q2 = groups.filter(group => group.runs === 2).length;
  const a = (runs.length - 1) / runs.length;
  const unseen = q2 > 0 ? (a * q1 * q1) / (2 * q2) : (a * q1 * (q1 - 1)) / 2;
  if (unseen === 0) return { estimate: shown, low: shown, high: shown };
  const size = once.reduce((sum, group) => sum + group.calls, 0) / q1;
  const ratio = q2 > 0 ? q1 / q2 : 0;
  const variance =
    q2 > 0
      ? q2 * ((a / 2) * ratio ** 2 + a ** 2 * ratio ** 3 + (a ** 2 / 4) * ratio ** 4)
      : (a * q1 * (q1 - 1)) / 2 +
        (a ** 2 * q1 * (2 * q1 - 1) ** 2) / 4 -
        (a ** 2 * q1 ** 4) / (4 * (groups.length + unseen));
  const spread = Math.exp(1.96 * Math.sqrt(Math.log(1 + Math.max(0, variance) / unseen ** 2)));
  const beyond = (behavioursUnseen: number): number => shown + size * behavioursUnseen;
  return { estimate: beyond(unseen), low: beyond(unseen / spread), high: beyond(unseen * spread) };
}

function percent(p: number): string {
  return p < 0.001 ? "under 0.1 %" : `${p < 0.095 ? (p * 100).toFixed(1) : Math.round(p * 100)} %`;
}

function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

function explain(c: Omit<Completeness, "explanation">): string {
  if (c.unseenProbabilityAtMost === undefined || c.unseenProbability === undefined) {
    return c.runs === 0
      ? "No finished run of the target was observed, so nothing can be said about the next one."
      : "Rests on a single run, so nothing can be said about the next one: repeat the run.";
  }
  const found =
    c.trials === 1
      ? `the later one showed ${c.surprises === 0 ? "no" : "a"} new syscall`
      : c.surprises === 0
        ? `none of the ${plural(c.trials, "later run")} showed a new syscall`
        : `${c.surprises} of the ${plural(c.trials, "later run")} showed a new syscall`;
  const few = c.trials < 10 ? "; few runs tell little" : "";
  return (
    `Rests on ${plural(c.runs, "run")}: ${found}. The chance that the next run of the same workload shows one is ` +
    `estimated at ${percent(c.unseenProbability)}, with ${Math.round(c.confidence * 100)} % confidence at most ` +
    `${percent(c.unseenProbabilityAtMost)}${few}. Other workloads may need more.`
  );
}

/**
 * How likely the next run of the same workload is to show a syscall that is not known yet.
 *
 * Counts finished observations by sources that see every call (ebpf, notify, strace) and verification runs, which
 * show only what was denied, and so also count when they found nothing. Runs of different targets are not comparable:
 * then only `known` is given. Nothing here speaks about workloads that no run exercised.
 */
export function estimateCompleteness(evidence: Evidence, confidence: number = CONFIDENCE): Completeness {
  const known = new Set(evidence.observations.map(o => `${o.abi} ${o.number}`)).size;
  const all = sightings(evidence);
  const targets = new Set(all.map(({ run }) => kindOfTarget(run.target)));
  const runs = targets.size > 1 ? [] : all;
  const trials = Math.max(0, runs.length - 1);
  const surprises = countSurprises(runs);
  const full = runs.filter(r => r.full);
  const counts = [...incidences(full).values()];
  const result: Omit<Completeness, "explanation"> = {
    runs: runs.length,
    trials,
    surprises,
    known,
    confidence,
    unseenProbability: trials === 0 ? undefined : leaveOneOut(runs),
    unseenProbabilityAtMost: trials === 0 ? undefined : upperLimit(surprises, trials, confidence),
    expectedNew: full.length < 2 ? undefined : counts.filter(count => count === 1).length / full.length,
    estimatedTotal: full.length < 2 ? undefined : chao2(full, incidences(runs).size),
  };
  if (targets.size > 1) {
    return {
      ...result,
      explanation: `Holds runs of ${targets.size} different targets, which say nothing about each other: estimate each alone.`,
    };
  }
  return { ...result, explanation: explain(result) };
}
