/** How a target fails without any reason, and what follows from it. */
export interface Flakiness {
  /** Of `runs` runs under which it should have worked, so many failed. */
  readonly failures: number;
  readonly runs: number;
  /** So often a failure must be seen before it counts. */
  readonly failuresNeeded: number;
}

/** That all classes are right, as far as failures at random go. */
export const CONFIDENCE = 0.95;
/** Repeating more often than this is not worth the time. */
const MOST_REPEATS = 6;

/**
 * The chance that a target which failed in `failures` of `runs` runs fails in the next `repeats` runs as well: mean of
 * the r-th power of a Beta(failures + 1, runs − failures + 1) distributed rate.
 */
export function chanceOfFailures(failures: number, runs: number, repeats: number): number {
  let chance = 1;
  for (let i = 0; i < repeats; i++) chance *= (failures + 1 + i) / (runs + 2 + i);
  return chance;
}

/**
 * How often a failure must be seen so that none of `questions` failures at random is taken for a real one, at the
 * confidence. Undefined when that takes too many runs.
 */
export function repeatsFor(failures: number, runs: number, questions: number): number | undefined {
  for (let repeats = 1; repeats <= MOST_REPEATS; repeats++) {
    if (questions * chanceOfFailures(failures, runs, repeats) <= 1 - CONFIDENCE) return repeats;
  }
  return undefined;
}
