import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import * as fc from "fast-check";
import { joinEvidence, NO_EVIDENCE } from "../../src/evidence/join.ts";
import type { Evidence, Observation, Run } from "../../src/evidence/model.ts";
import { anyEvidence } from "./arbitrary.ts";

const RUN: Run = {
  id: "r",
  source: "ebpf",
  purpose: "observe",
  target: { kind: "command", argv: ["x"] },
  tool: "seccraft 0.1.0",
  finished: false,
};
const READ: Observation = { run: "r", abi: "x86_64", number: 0, syscall: "read" };

function evidence(part: Partial<Evidence>): Evidence {
  return { ...NO_EVIDENCE, ...part };
}

/** Byte equality, the order of the fields included. */
function same(a: Evidence, b: Evidence): void {
  assert.equal(JSON.stringify(a), JSON.stringify(b));
}

test("joining is commutative, associative and idempotent, to the byte (10,000 triples)", () => {
  fc.assert(
    fc.property(fc.array(anyEvidence, { minLength: 12, maxLength: 12 }), parts => {
      for (const a of parts) {
        const alone = joinEvidence(a);
        same(joinEvidence(alone), alone);
        same(joinEvidence(a, a), alone);
        same(joinEvidence(a, NO_EVIDENCE), alone);
      }
      const pairs = parts.map((a, i) => parts.map((b, j) => (i < j ? joinEvidence(a, b) : NO_EVIDENCE)));
      for (const [i, a] of parts.entries()) {
        for (const [j, b] of parts.entries()) {
          const ab = pairs[i]?.[j] ?? NO_EVIDENCE;
          if (j <= i) continue;
          same(joinEvidence(b, a), ab);
          same(joinEvidence(a, ab), ab);
          for (const [k, c] of parts.entries()) {
            if (k > j) same(joinEvidence(ab, c), joinEvidence(a, pairs[j]?.[k] ?? NO_EVIDENCE));
          }
        }
      }
    }),
    { numRuns: 46 },
  );
});

test("every observation, gap and run of a part is in the whole", () => {
  fc.assert(
    fc.property(anyEvidence, anyEvidence, (a, b) => {
      const whole = joinEvidence(a, b);
      for (const part of [a, b]) {
        for (const o of part.observations) {
          const found = whole.observations.filter(
            w =>
              w.run === o.run &&
              w.abi === o.abi &&
              w.number === o.number &&
              w.phase === o.phase &&
              w.executable === o.executable &&
              w.entry === o.entry &&
              w.label === o.label &&
              w.reason === o.reason,
          );
          assert.equal(found.length, 1);
          assert.ok((found[0]?.count ?? 0) >= (o.count ?? 0));
          for (const { index, values } of o.arguments ?? []) {
            const kept = found[0]?.arguments?.find(entry => entry.index === index)?.values ?? [];
            assert.ok(values.every(value => kept.includes(value)));
          }
        }
        for (const gap of part.gaps) {
          assert.ok(
            whole.gaps.some(w => w.run === gap.run && w.kind === gap.kind && w.reason === gap.reason),
          );
        }
        for (const run of part.runs) assert.ok(whole.runs.some(w => w.id === run.id));
      }
    }),
    { numRuns: 500 },
  );
});

test("two checkpoints of one run become the later one", () => {
  const whole = joinEvidence(
    evidence({
      runs: [{ ...RUN, seconds: 1 }],
      observations: [
        {
          ...READ,
          count: 5,
          firstSeen: 0.5,
          errnos: { EAGAIN: 1 },
          arguments: [{ index: 0, values: ["0x10", "0x3"], complete: true }],
        },
      ],
    }),
    evidence({
      runs: [{ ...RUN, seconds: 2, finished: true }],
      observations: [
        {
          ...READ,
          count: 9,
          firstSeen: 0.5,
          errnos: { EAGAIN: 2, EINTR: 1 },
          arguments: [{ index: 0, values: ["0x4"], complete: false }],
        },
      ],
    }),
  );
  assert.deepEqual(whole.runs, [{ ...RUN, seconds: 2, finished: true }]);
  assert.deepEqual(whole.observations, [
    {
      ...READ,
      count: 9,
      firstSeen: 0.5,
      errnos: { EAGAIN: 2, EINTR: 1 },
      arguments: [{ index: 0, values: ["0x3", "0x4", "0x10"], complete: false }],
    },
  ]);
});

test("an errno record distinguishes results unseen from no failure", () => {
  const unseen = joinEvidence(evidence({ observations: [READ] }));
  assert.deepEqual(unseen.observations, [READ]);
  const fine = joinEvidence(unseen, evidence({ observations: [{ ...READ, errnos: {} }] }));
  assert.deepEqual(fine.observations[0]?.errnos, {});
});

test("the shorter path wins, a real name wins over a bare number", () => {
  const long = [{ file: "a" }, { file: "b" }];
  const whole = joinEvidence(
    evidence({ observations: [{ ...READ, path: long, syscall: "syscall_0" }] }),
    evidence({ observations: [{ ...READ, path: [{ file: "z" }] }] }),
    evidence({ observations: [{ ...READ, path: [{ file: "y" }] }] }),
  );
  assert.deepEqual(whole.observations, [{ ...READ, path: [{ file: "y" }] }]);
});

test("100,000 observations join in well under a second", () => {
  const observations: Observation[] = [];
  for (let i = 0; i < 100_000; i++) {
    observations.push({
      run: `run ${i % 50}`,
      abi: "x86_64",
      number: Math.floor(i / 50) % 400,
      syscall: `syscall_${Math.floor(i / 50) % 400}`,
      phase: "serving",
      executable: `/usr/bin/program-${Math.floor(i / 20_000)}`,
      count: i,
    });
  }
  const half = observations.slice(0, 60_000).reverse();
  // Processor time: other programs may keep the processors busy.
  const started = process.cpuUsage();
  const whole = joinEvidence(evidence({ observations: half }), evidence({ observations }));
  const seconds = process.cpuUsage(started).user / 1e6;
  assert.equal(whole.observations.length, 100_000);
  assert.ok(seconds < 3, `${seconds} s`);
  console.log(`100,000 observations with 60,000 of them twice: ${seconds.toFixed(2)} s`);
});
