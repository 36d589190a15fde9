import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateCompleteness } from "../../src/evidence/completeness.ts";
import { joinEvidence, NO_EVIDENCE } from "../../src/evidence/join.ts";
import type { Evidence, Run } from "../../src/evidence/model.ts";

/** A run per list of syscall numbers. */
function recorded(
  runs: readonly (readonly number[])[],
  change: (run: Run, index: number) => Run = r => r,
): Evidence {
  return {
    ...NO_EVIDENCE,
    runs: runs.map((_, index) =>
      change(
        {
          id: `run-${String(index).padStart(4, "0")}`,
          source: "ebpf",
          purpose: "observe",
          target: { kind: "command", argv: ["x"] },
          tool: "test",
          finished: true,
        },
        index,
      ),
    ),
    observations: runs.flatMap((numbers, index) =>
      numbers.map(number => ({
        run: `run-${String(index).padStart(4, "0")}`,
        abi: "x86_64" as const,
        number,
        syscall: `syscall_${number}`,
      })),
    ),
  };
}

function verification(from: number): (run: Run, index: number) => Run {
  return (run, index) => (index < from ? run : { ...run, source: "notify", purpose: "verify" });
}

/** Reproducible random numbers in [0, 1) (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Behaviours of a program: each shows its own calls, all at once, with a probability a run. */
interface World {
  readonly behaviours: readonly { readonly chance: number; readonly calls: readonly number[] }[];
}

/** 30 calls always, and behaviours from frequent to rare, of one to six calls: like a server with a BGSAVE. */
const SERVER: World = {
  behaviours: [
    { chance: 1, calls: Array.from({ length: 30 }, (_, i) => i) },
    ...[0.9, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005].map((chance, i) => ({
      chance,
      calls: Array.from({ length: 1 + ((i * 5) % 6) }, (_, j) => 100 + i * 10 + j),
    })),
  ],
};

/** Every call on its own, most of them rare: the hard case. */
const RARE: World = {
  behaviours: Array.from({ length: 60 }, (_, i) => ({
    chance: i < 10 ? 1 : 0.01 + 0.04 * ((i % 7) / 7),
    calls: [i],
  })),
};

function drawRun(world: World, random: () => number): number[] {
  return world.behaviours.flatMap(({ chance, calls }) => (random() < chance ? calls : []));
}

/** The true probability that a run shows something that none of these shows. */
function trueProbability(world: World, runs: readonly (readonly number[])[]): number {
  const seen = new Set(runs.flat());
  const nothing = world.behaviours
    .filter(({ calls }) => !calls.every(call => seen.has(call)))
    .reduce((product, { chance }) => product * (1 - chance), 1);
  return 1 - nothing;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

for (const [name, world] of [
  ["a server", SERVER],
  ["rare calls", RARE],
] as const) {
  for (const count of [2, 3, 5, 10, 30]) {
    test(`simulated truth, ${name}, ${count} runs: estimate without bias, bound as confident as it says`, () => {
      const random = randomNumbers(count * 7919 + name.length);
      const rounds = 400;
      const differences: number[] = [];
      let held = 0;
      let sums = { estimate: 0, truth: 0, bound: 0, total: 0 };
      const total = new Set(world.behaviours.flatMap(({ calls }) => calls)).size;
      for (let i = 0; i < rounds; i++) {
        const runs = Array.from({ length: count }, () => drawRun(world, random));
        const c = estimateCompleteness(recorded(runs));
        const [estimate, bound] = [
          c.unseenProbability ?? Number.NaN,
          c.unseenProbabilityAtMost ?? Number.NaN,
        ];
        const truth = trueProbability(world, runs);
        // The estimator is unbiased for the last run given the others.
        differences.push(estimate - trueProbability(world, runs.slice(1)));
        if (truth <= bound) held++;
        sums = {
          estimate: sums.estimate + estimate / rounds,
          truth: sums.truth + truth / rounds,
          bound: sums.bound + bound / rounds,
          total: sums.total + (c.estimatedTotal?.estimate ?? Number.NaN) / rounds,
        };
      }
      const bias = mean(differences);
      const error = Math.sqrt(mean(differences.map(d => (d - bias) ** 2)) / rounds);
      console.log(
        `${name}, ${count} runs: true ${sums.truth.toFixed(3)} estimated ${sums.estimate.toFixed(3)} ` +
          `at most ${sums.bound.toFixed(3)} (held in ${((100 * held) / rounds).toFixed(1)} %), ` +
          `Chao2 ${sums.total.toFixed(1)} of ${total}`,
      );
      assert.ok(Math.abs(bias) <= 4 * error, `bias ${bias} ± ${error}`);
      assert.ok(sums.estimate >= sums.truth - 0.01, "leans to the high side");
      // 95 % promised: 400 rounds would show less than 92 % with a probability of about 0.3 % even at exactly 95 %.
      assert.ok(held / rounds >= 0.92, `the bound held in ${held} of ${rounds}`);
      assert.ok(sums.total <= total * 1.02, "Chao2 is a lower bound in expectation");
    });
  }
}

test("a single run says nothing, and it says so", () => {
  const c = estimateCompleteness(recorded([[1, 2]]));
  assert.equal(c.known, 2);
  assert.equal(c.unseenProbability, undefined);
  assert.equal(c.unseenProbabilityAtMost, undefined);
  assert.match(c.explanation, /single run.*repeat/);
  assert.match(estimateCompleteness(NO_EVIDENCE).explanation, /nothing can be said/);
});

test("the rule of three: no surprise in 59 later runs means at most 5 %", () => {
  const c = estimateCompleteness(recorded(Array.from({ length: 60 }, () => [1])));
  assert.equal(c.unseenProbability, 0);
  assert.ok(Math.abs((c.unseenProbabilityAtMost ?? 1) - (1 - 0.05 ** (1 / 59))) < 1e-9);
  assert.match(c.explanation, /^Rests on 60 runs: none of the 59 later runs/);
});

test("two runs alike do not make certainty", () => {
  const c = estimateCompleteness(recorded([[1], [1]]));
  assert.ok(Math.abs((c.unseenProbabilityAtMost ?? 0) - 0.95) < 1e-9);
  assert.match(c.explanation, /at most 95 %; few runs tell little/);
});

test("Clopper-Pearson's upper limit against published values", () => {
  // One-sided 95 % upper limits: 1 of 10 is 0.3942, 3 of 20 is 0.3437 (tables of the binomial distribution).
  const tenth = recorded([[0], [0, 1], ...Array.from({ length: 9 }, () => [0])]);
  assert.ok(Math.abs((estimateCompleteness(tenth).unseenProbabilityAtMost ?? 0) - 0.3942) < 1e-4);
  const twentieth = recorded([[0], [1], [2], [3], ...Array.from({ length: 17 }, () => [0])]);
  assert.ok(Math.abs((estimateCompleteness(twentieth).unseenProbabilityAtMost ?? 0) - 0.3437) < 1e-4);
});

test("Chao2 by hand: calls of the same runs are one behaviour", () => {
  // {1 2 3} in all runs; {4 40} only in the first, {5} only in the second, {6} in two: Q1 = 2 of mean size 1.5, Q2 = 1.
  const c = estimateCompleteness(
    recorded([
      [1, 2, 3, 4, 40],
      [1, 2, 3, 5],
      [1, 2, 3, 6],
      [1, 2, 3, 6],
    ]),
  );
  assert.equal(c.estimatedTotal?.estimate, 7 + 1.5 * (3 / 4) * (4 / 2));
  assert.equal(c.expectedNew, 3 / 4);
});

test("verification runs count: one that was denied something is a surprise, one that was not is a trial", () => {
  const c = estimateCompleteness(recorded([[1, 2], [3], [], []], verification(1)));
  assert.equal(c.runs, 4);
  assert.equal(c.surprises, 1);
  assert.equal(c.unseenProbability, 1 / 3);
  assert.equal(c.known, 3);
  assert.equal(c.estimatedTotal, undefined);
});

test("killed runs, imported logs and static analysis are no trials, but what they show is known", () => {
  const changed = recorded([[1], [1], [2], [3], [4]], (run, index) =>
    index === 2
      ? { ...run, finished: false }
      : index === 3
        ? { ...run, purpose: "import", source: "kernel-log" }
        : index === 4
          ? { ...run, purpose: "analyze", source: "static" }
          : run,
  );
  const c = estimateCompleteness(changed);
  assert.equal(c.runs, 2);
  assert.equal(c.surprises, 0);
  assert.equal(c.known, 4);
});

test("runs of different targets are not mixed, restarted processes and containers are the same target", () => {
  const different = recorded([[1], [1]], (run, index) => ({
    ...run,
    target: { kind: "command", argv: ["x", String(index)] },
  }));
  assert.equal(estimateCompleteness(different).unseenProbability, undefined);
  assert.match(estimateCompleteness(different).explanation, /2 different targets/);
  const again = recorded([[1], [1]], (run, index) => ({
    ...run,
    target: { kind: "container", id: `c${index}`, image: "nginx" },
  }));
  assert.equal(estimateCompleteness(again).unseenProbability, 0);
});

test("the same evidence twice changes nothing", () => {
  const one = recorded([
    [1, 2],
    [1, 3],
  ]);
  assert.deepEqual(estimateCompleteness(joinEvidence(one, one)), estimateCompleteness(one));
});
