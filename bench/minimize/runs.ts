/** node .build/bench/minimize/runs.js [SEEDS]: the table of docs/minimize.md, simulated. */
import process from "node:process";
import { boundOf, countRuns, simulatedTarget } from "./simulate.ts";

const seeds = Number(process.argv[2] ?? 100);
const PRIOR = 0.02;
const SIZES = [
  [60, [1, 2, 3, 5, 8, 10, 15, 20, 30, 40, 50, 60]],
  [360, [1, 2, 3, 5, 10, 20, 30, 40, 60, 90, 120, 180, 360]],
] as const;

function spread(runs: readonly number[], k: number): string {
  const mean = runs.reduce((sum, value) => sum + value, 0) / runs.length;
  const most = Math.max(...runs);
  return `${mean.toFixed(1)} | ${most} | ${most + k}`;
}

console.log(
  "| n | k | one by one | 1.5 × bound | unwatched: mean | most | and the proof | watched: mean | most | and the proof |",
);
console.log("|---|---|---|---|---|---|---|---|---|---|");
for (const [n, ks] of SIZES) {
  for (const k of ks) {
    const targets = Array.from({ length: seeds }, (_, seed) => simulatedTarget(n, k, PRIOR, seed));
    const blind = targets.map(target => countRuns(target, false).runs);
    const watched = targets.map(target => countRuns(target, true).runs);
    const limit = (1.5 * boundOf(n, k)).toFixed(1);
    console.log(`| ${n} | ${k} | ${n} | ${limit} | ${spread(blind, k)} | ${spread(watched, k)} |`);
  }
}
