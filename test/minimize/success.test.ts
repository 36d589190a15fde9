import assert from "node:assert/strict";
import path from "node:path";
import type { TestContext } from "node:test";
import { requestFor, search } from "../../bench/minimize/reference.ts";
import { syscallsOf } from "../../src/abi/syscalls.ts";
import { parseReady } from "../../src/engine/ready.ts";
import { readJournal } from "../../src/minimize/journal.ts";
import type { Finding } from "../../src/minimize/result.ts";
import type { Deny, SearchRequest } from "../../src/minimize/setup.ts";
import { freePort } from "../support/cli.ts";
import { compile, temporaryFolder } from "../support/compile.ts";
import { testWith } from "../support/needs.ts";

const NEEDS = ["root", "program:gcc"] as const;
const EVERYTHING = syscallsOf("x86_64").map(({ name }) => name);

/** Tries a few calls alone: all others are kept. */
function request(
  folder: string,
  argv: readonly string[],
  calls: readonly string[],
  more: Partial<SearchRequest> = {},
): SearchRequest {
  const workload = {
    argv,
    directory: folder,
    ready: { kind: "exit" as const },
    exercises: [],
    timeoutMs: 20_000,
    expectedExit: 0,
  };
  const target = { name: argv[0] ?? "", workload, success: [] };
  const keep = EVERYTHING.filter(name => !calls.includes(name));
  return requestFor(target, path.join(folder, "journal"), { keep, ...more });
}

/** What becomes of `uname` when it is tried. */
async function uname(
  context: TestContext,
  program: string,
  mood: string,
  success: readonly string[],
  more: Partial<SearchRequest> = {},
): Promise<Finding> {
  const folder = temporaryFolder(context);
  const { report } = await search(
    request(folder, [program, mood], ["uname"], { success, copy: "auto", ...more }),
  );
  const found = report.findings.find(({ unit }) => unit === "uname");
  assert.ok(found !== undefined);
  return found;
}

testWith(NEEDS, "each success spec makes a call required that is optional without it", async context => {
  const program = compile(context, "minimize/moods.c");
  const cases: readonly (readonly [
    mood: string,
    success: readonly string[],
    effect: RegExp,
    without: RegExp,
  ])[] = [
    ["word", ["output-but:^pid .*$"], /"poor" where "fine" was/, /output is different/],
    ["word", ["output:^fine$"], /no output matches/, /output is different/],
    ["complain", ["errors"], /a new error line: "error: no name"/, /error: no name/],
    ["log", ["errors:app.log"], /a new error line: "error: no name"/, /^$/],
    ["slow", ["time:4"], /it took \d\.\d+ s, more than/, /slower/],
    ["complain", ["exit", "output:fine", "errors"], /new error line/, /no name/],
  ];
  for (const [mood, success, effect] of cases) {
    const needed = await uname(context, program, mood, success);
    assert.equal(needed.class, "required", `${mood} ${success.join(" ")}`);
    assert.match(needed.effects.join("; "), effect);
  }
  for (const [mood, without] of new Map(cases.map(([mood, , , without]) => [mood, without]))) {
    const optional = await uname(context, program, mood, []);
    assert.equal(optional.class, "optional", mood);
    assert.match(optional.effects.join("; "), without);
  }
  const failing = await uname(context, program, "exit", []);
  assert.deepEqual([failing.class, failing.effects], ["required", ["it ended with exit code 3"]]);
});

testWith([...NEEDS, "program:curl"], "an exercise and an answer over HTTP count", async context => {
  const program = compile(context, "minimize/moods.c");
  const port = await freePort();
  const get = `curl -sf --max-time 5 http://127.0.0.1:${port}/`;
  for (const [exercises, success, expected, effect] of [
    [[get], [], "required", /exercise .* failed/],
    [[], [`http:${port}/`], "required", /was answered with 500/],
    [[], [], "unused", /^$/],
  ] as const) {
    const folder = temporaryFolder(context);
    const asked = request(folder, [program, "serve", String(port)], ["uname"], { success });
    const workload = { ...asked.workload, ready: parseReady(`tcp:${port}`), exercises };
    const { report } = await search({ ...asked, workload });
    const found = report.findings.find(({ unit }) => unit === "uname");
    assert.equal(found?.class, expected, success.join(" "));
    assert.match(found.effects.join("; "), effect);
  }
});

testWith(NEEDS, "what is answered decides: EPERM, ENOSYS or the end", async context => {
  const program = compile(context, "minimize/moods.c");
  const found: Record<string, string> = {};
  for (const mood of ["fallback", "word"]) {
    for (const deny of ["EPERM", "ENOSYS", "kill"] satisfies Deny[])
      found[`${mood} ${deny}`] = (await uname(context, program, mood, [], { deny })).class;
  }
  assert.deepEqual(found, {
    "fallback EPERM": "required",
    "fallback ENOSYS": "optional",
    "fallback kill": "required",
    "word EPERM": "optional",
    "word ENOSYS": "optional",
    "word kill": "required",
  });
});

testWith(
  NEEDS,
  "a run that waits for what it was denied is cut short by the untouched runs' time",
  async context => {
    const program = compile(context, "minimize/moods.c");
    const folder = temporaryFolder(context);
    const asked = request(folder, [program, "hang"], ["uname"]);
    const { report } = await search(asked);
    assert.equal(report.findings.find(({ unit }) => unit === "uname")?.class, "required");
    const { runs } = readJournal(asked.journal);
    const slowest = Math.max(...runs.map(run => run.behaviour.seconds));
    const base = Math.max(
      ...runs.filter(run => run.trial.mode === "untouched").map(run => run.behaviour.seconds),
    );
    assert.ok(slowest > base + 1, "one did wait");
    assert.ok(slowest < base * 4 + 3, `${slowest} s, far below the 20 s that were allowed`);
  },
);

testWith(
  NEEDS,
  "arguments: of socket, clone, prctl, ioctl, mprotect and openat the needed uses are left",
  async context => {
    const program = compile(context, "minimize/uses.c", "-static");
    const calls = ["socket", "clone", "prctl", "ioctl", "mprotect", "openat"];
    const asked = request(temporaryFolder(context), [program], calls, { arguments: true });
    const { report, document } = await search(asked);
    const rules = (document.syscalls ?? []).filter(rule => rule.action === "SCMP_ACT_ALLOW");
    const values = (name: string): string[] =>
      rules
        .filter(rule => rule.names.includes(name))
        .flatMap(rule => (rule.args ?? [{ index: -1, value: -1n }]).map(arg => `${arg.index}=${arg.value}`));
    const [directory, socket, fionread] = [0o200_000, ["0=2", "1=1", "2=0"], 0x541b];
    assert.deepEqual(values("socket"), socket);
    assert.deepEqual(values("clone"), ["0=17"]);
    assert.deepEqual(values("prctl"), ["0=15"]);
    assert.deepEqual(values("ioctl"), [`1=${fionread}`]);
    // The C library write-protects its own data, with 1.
    assert.deepEqual(values("mprotect"), ["2=1", "2=7"]);
    assert.deepEqual(values("openat"), [`2=${directory}`]);
    assert.ok(report.finalRuns.length >= 3 && report.finalRuns.every(run => run.works));
    for (const use of report.uses.filter(use => use.class === "required")) {
      const run = readJournal(asked.journal).runs[(use.run ?? 0) - 1];
      assert.equal(run?.works, false, use.unit);
    }
  },
);
