import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import * as fc from "fast-check";
import { InputError } from "../../src/errors.ts";
import { looksLikeEvidence, parseEvidence, printEvidence } from "../../src/evidence/codec.ts";
import { joinEvidence } from "../../src/evidence/join.ts";
import { anyEvidence } from "./arbitrary.ts";

const RUN = {
  id: "r",
  source: "ebpf",
  purpose: "observe",
  target: { kind: "command", argv: ["x"] },
  tool: "t",
  finished: true,
};
const READ = { run: "r", abi: "x86_64", number: 0, syscall: "read" };

function text(change: object): string {
  return JSON.stringify(
    { seccraft: "evidence/1", runs: [RUN], observations: [READ], gaps: [], ...change },
    null,
    1,
  );
}

async function refused(input: string): Promise<InputError> {
  const started = process.cpuUsage();
  try {
    await parseEvidence(input, "e.json");
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    assert.ok(error.message.length < 400, error.message);
    assert.ok(!error.message.includes("\n"));
    // Processor time: others may use the processors at the same time.
    assert.ok(process.cpuUsage(started).user < 2_000_000);
    return error;
  }
  assert.fail("was accepted");
}

test("what is printed is read back as the same evidence, and printing it again gives the same bytes", async () => {
  await fc.assert(
    fc.asyncProperty(anyEvidence, async some => {
      const ids = [...some.observations, ...some.gaps].map(item => item.run);
      const evidence = {
        ...some,
        runs: [...some.runs, ...ids.map(id => ({ ...RUN, id }) as (typeof some.runs)[number])],
        observations: some.observations.map(({ errnos, ...o }) =>
          errnos === undefined ? o : { ...o, errnos: Object.hasOwn(errnos, "EPERM") ? { EPERM: 1 } : {} },
        ),
      };
      const printed = printEvidence(evidence);
      assert.ok(looksLikeEvidence(printed));
      const read = await parseEvidence(printed, "e.json");
      assert.deepEqual(read, joinEvidence(evidence));
      assert.equal(printEvidence(read), printed);
    }),
    { numRuns: 300 },
  );
});

test("one item a line, stable to the byte", async () => {
  const printed = printEvidence(await parseEvidence(text({}), "e.json"));
  assert.equal(
    printed,
    `{
  "seccraft": "evidence/1",
  "runs": [
    {"id":"r","source":"ebpf","purpose":"observe","target":{"kind":"command","argv":["x"]},"tool":"t","finished":true}
  ],
  "observations": [
    {"run":"r","abi":"x86_64","number":0,"syscall":"read"}
  ],
  "gaps": []
}
`,
  );
});

const BAD: readonly [what: string, change: object, field: string, reason: RegExp][] = [
  ["another version", { seccraft: "evidence/2" }, "seccraft", /evidence\/2 is a version.*reads evidence\/1/],
  ["a version that is none", { seccraft: "evidence" }, "seccraft", /must be "evidence\/1"/],
  ["no version", { seccraft: undefined }, "", /not evidence of seccraft/],
  ["an unknown field", { more: 1 }, "", /unknown field "more"/],
  ["no runs", { runs: undefined }, "", /"runs" is missing/],
  [
    "an unknown field of an observation",
    { observations: [{ ...READ, cuont: 1 }] },
    "observations[0]",
    /"cuont"/,
  ],
  [
    "an unknown ABI",
    { observations: [READ, { ...READ, abi: "pdp11" }] },
    "observations[1].abi",
    /one of x86_64, i386/,
  ],
  ["a negative number", { observations: [{ ...READ, number: -1 }] }, "observations[0].number", />= 0/],
  ["a fraction", { observations: [{ ...READ, count: 1.5 }] }, "observations[0].count", /integer/],
  ["a number as text", { observations: [{ ...READ, number: "0" }] }, "observations[0].number", /integer/],
  [
    "a missing name",
    { observations: [{ ...READ, syscall: undefined }] },
    "observations[0]",
    /"syscall" is missing/,
  ],
  [
    "an argument's index",
    { observations: [{ ...READ, arguments: [{ index: 6, values: [], complete: true }] }] },
    "observations[0].arguments[0].index",
    /<= 5/,
  ],
  [
    "a value in capitals",
    { observations: [{ ...READ, arguments: [{ index: 0, values: ["0xA"], complete: true }] }] },
    "observations[0].arguments[0].values[0]",
    /pattern/,
  ],
  [
    "an errno that is none",
    { observations: [{ ...READ, errnos: { "e perm": 1 } }] },
    "observations[0].errnos",
    /"e perm"/,
  ],
  [
    "a target of no kind",
    { runs: [{ ...RUN, target: { kind: "ufo" } }] },
    "runs[0].target.kind",
    /kind of target/,
  ],
  [
    "a target with a stray field",
    { runs: [{ ...RUN, target: { kind: "cgroup", path: "/", pid: 1 } }] },
    "runs[0].target",
    /"pid"/,
  ],
  ["a time that is none", { runs: [{ ...RUN, started: "yesterday" }] }, "runs[0].started", /pattern/],
  [
    "a run that is not there",
    { observations: [{ ...READ, run: "q" }] },
    "observations[0].run",
    /not in the file/,
  ],
  [
    "a gap of another run",
    { gaps: [{ run: "q", kind: "killed", reason: "x" }] },
    "gaps[0].run",
    /not in the file/,
  ],
  ["a list that is none", { observations: {} }, "observations", /array/],
];

for (const [what, change, field, reason] of BAD) {
  test(`refuses ${what} with the place`, async () => {
    const error = await refused(text(change));
    assert.equal(error.place.field, field);
    assert.match(error.reason, reason);
    assert.ok((error.place.line ?? 0) >= 1);
  });
}

test("the line of a mistake is the line of the field", async () => {
  const error = await refused(
    '{\n"seccraft": "evidence/1",\n"runs": [],\n"gaps": [],\n"observations": [\n{"run": "r",\n  "abi": 5}]}',
  );
  assert.equal(error.place.line, 6);
});

test("names that objects inherit are neither fields nor a way in", async () => {
  const error = await refused(text({}).replace('"gaps": []', '"gaps": [], "__proto__": {"x": 1}'));
  assert.match(error.reason, /"__proto__"/);
  const errnos = await refused(
    text({}).replace('"syscall": "read"', '"syscall": "read", "errnos": {"__proto__": 1}'),
  );
  assert.match(errnos.reason, /"__proto__"/);
});

const HOSTILE: Readonly<Record<string, string>> = {
  "an empty file": "",
  "a megabyte of nesting": "[".repeat(1_000_000),
  "a megabyte of objects": '{"a":'.repeat(200_000),
  NaN: text({}).replace('"number": 0', '"number": NaN'),
  "a number beyond 2^53": text({}).replace('"number": 0', '"number": 0, "count": 9007199254740993'),
  "an endless number": text({}).replace('"number": 0', `"number": ${"9".repeat(1_000_000)}`),
  "a duplicate name": text({}).replace('"number": 0', '"number": 0, "number": 1'),
  "half a surrogate pair": text({}).replace('"id": "r"', '"id": "\\ud800"'),
  "a text instead of an object": '"evidence/1"',
  "a list instead of an object": '["seccraft", "evidence/1"]',
  "text behind the end": `${text({})} x`,
  "a long name": text({ ["x".repeat(1_000_000)]: 1 }),
  "a hundred thousand names": text({
    observations: [
      { ...READ, errnos: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`e${i}`, 1])) },
    ],
  }),
};

for (const [what, input] of Object.entries(HOSTILE)) {
  test(`refuses ${what} in one line and in time`, async () => {
    await refused(input);
  });
}
