import { Search, type Answer, type Candidate } from "../../src/minimize/search.ts";

/** A deterministic stream of numbers from 0 (inclusive) to 1 (exclusive): mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const pool = [...items];
  const result: T[] = [];
  while (pool.length > 0) result.push(...pool.splice(Math.floor(random() * pool.length), 1));
  return result;
}

/** A target that needs k of n calls, makes all of them in an order of its own, and fails at the first needed one denied. */
export interface Simulated {
  readonly candidates: readonly Candidate[];
  readonly required: ReadonlySet<string>;
  readonly timeline: readonly string[];
}

export function simulatedTarget(n: number, k: number, prior: number, seed: number): Simulated {
  const random = randomNumbers(seed);
  const names = Array.from({ length: n }, (_, index) => `call${String(index).padStart(3, "0")}`);
  const candidates = names.map(name => ({ name, prior }));
  return {
    candidates,
    required: new Set(shuffled(names, random).slice(0, k)),
    timeline: shuffled(names, random),
  };
}

export function answerOf(target: Simulated, allowed: readonly string[], watched: boolean): Answer {
  const permitted = new Set(allowed);
  const called: string[] = [];
  for (const name of target.timeline) {
    if (permitted.has(name)) continue;
    called.push(name);
    if (target.required.has(name)) return { works: false, called: watched ? called : undefined };
  }
  return { works: true };
}

/** Runs that a search takes until all is decided. */
export function countRuns(
  target: Simulated,
  watched: boolean,
): { runs: number; required: readonly string[] } {
  const search = new Search(target.candidates);
  let runs = 0;
  for (let question = search.next(); question !== undefined; question = search.next()) {
    runs++;
    search.take(answerOf(target, question.allowed, watched));
  }
  return { runs, required: search.required };
}

/** Fewest runs that any strategy can do with, about: k · log2(n/k) + k. */
export function boundOf(n: number, k: number): number {
  return k * Math.log2(n / k) + k;
}
