import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { oneByOne, requestFor, search } from "../../bench/minimize/reference.ts";
import { echo, flaky, python, sqlite, type Target } from "../../bench/minimize/targets.ts";
import { randomNumbers } from "../../bench/minimize/simulate.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { filtersOf } from "../../src/craft/filters.ts";
import { runSession } from "../../src/craft/session.ts";
import { nativeEngine } from "../../src/engine/native/native.ts";
import { TargetError } from "../../src/errors.ts";
import { printReport } from "../../src/minimize/report.ts";
import { readJournal, readTurns } from "../../src/minimize/journal.ts";
import type { MinimizeReport } from "../../src/minimize/result.ts";
import { parseProfile } from "../../src/profile/parse.ts";
import { Playground } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";
import { temporaryFolder } from "../support/programs.ts";

const REFERENCES: readonly [string, (folder: string) => Target][] = [
  ["echo", echo],
  ["sqlite3", folder => sqlite(path.join(folder, "data"))],
  ["python3", python],
];

function allowed(json: string): unknown {
  return (JSON.parse(json) as { allowed: unknown }).allowed;
}

function names(report: MinimizeReport, kind: string): string[] {
  return report.findings.filter(finding => finding.class === kind).map(({ unit }) => unit);
}

for (const [name, make] of REFERENCES) {
  testWith(
    ["root", `program:${name}`],
    `${name}: the result of groups is that of one by one`,
    async context => {
      const folder = temporaryFolder(context);
      const request = requestFor(make(folder), path.join(folder, "journal"));
      const result = await search(request);
      assert.ok(result.report.complete);
      assert.deepEqual([...result.report.units].sort(), (await oneByOne(request, result)).units);
      const { enforced } = filtersOf(result.document);
      for (let i = 0; i < 20; i++)
        await runSession(nativeEngine(), request.workload, { filter: enforced, noNewPrivileges: false }, {});
      for (const finding of result.report.findings) {
        if (finding.class !== "required") continue;
        const run = readJournal(request.journal).runs[(finding.run ?? 0) - 1];
        assert.equal(run?.works, false, finding.unit);
        assert.ok(!run?.trial.allowed?.includes(finding.unit), finding.unit);
      }
    },
  );
}

testWith(["root", "program:echo"], "unwatched and in parallel the result is the same", async context => {
  const folder = temporaryFolder(context);
  const [watched, alone, unwatched] = await Promise.all([
    search(requestFor(echo(), path.join(folder, "a"), { jobs: 2 })),
    search(requestFor(echo(), path.join(folder, "b"), { jobs: 1 })),
    search(requestFor(echo(), path.join(folder, "c"), { watched: false, repeat: 1 })),
  ]);
  assert.deepEqual(watched.report.units, alone.report.units);
  assert.deepEqual([...watched.report.units].sort(), [...unwatched.report.units].sort());
  assert.deepEqual(names(watched.report, "required"), names(unwatched.report, "required"));
});

testWith(
  ["root", "program:sqlite3"],
  "arguments are narrowed to the values that are needed",
  async context => {
    const folder = temporaryFolder(context);
    const target = sqlite(path.join(folder, "data"));
    const { report, document } = await search(
      requestFor(target, path.join(folder, "j"), { arguments: true }),
    );
    const conditional = (document.syscalls ?? []).filter(rule => (rule.args ?? []).length > 0);
    assert.ok(conditional.some(rule => rule.names.includes("openat")));
    assert.ok(conditional.some(rule => rule.names.includes("fcntl")));
    assert.ok(report.finalRuns.every(run => run.works) && report.finalRuns.length > 0);
  },
);

testWith(["root"], "ENOSYS lets a fallback do; nothing beyond the start is ever allowed", async context => {
  const folder = temporaryFolder(context);
  const start = parseProfile(
    JSON.stringify({
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["ptrace", "bpf", "brk"], action: "SCMP_ACT_ERRNO" }],
    }),
    "start.json",
  );
  const request = requestFor(echo(), path.join(folder, "j"), {
    deny: "ENOSYS",
    start: { document: start, name: "start.json", hash: "1" },
    keep: ["getppid"],
  });
  const { report } = await search(request);
  for (const run of readJournal(request.journal).runs)
    for (const name of ["ptrace", "bpf", "brk"]) assert.ok(run.trial.allowed?.includes(name) !== true);
  assert.ok(names(report, "kept").includes("getppid"));
  assert.match(printReport(report, "x86_64"), /^kept without trying, for .* or --keep: .*getppid/m);

  const narrow = parseProfile(
    JSON.stringify({
      defaultAction: "SCMP_ACT_ERRNO",
      syscalls: [{ names: ["read"], action: "SCMP_ACT_ALLOW" }],
    }),
    "narrow.json",
  );
  const hopeless = requestFor(echo(), path.join(folder, "k"), {
    start: { document: narrow, name: "narrow.json", hash: "2" },
  });
  await assert.rejects(
    search(hopeless),
    error => error instanceof TargetError && /denies execve/.test(error.message),
  );
});

testWith(["root"], "a budget ends the search with a result that works", async context => {
  const folder = temporaryFolder(context);
  const request = requestFor(echo(), path.join(folder, "j"), { budget: { runs: 8 }, jobs: 1 });
  const { report } = await search(request);
  assert.equal(report.complete, false);
  assert.ok(names(report, "undecided").length > 0);
  assert.ok(report.finalRuns.every(run => run.works));
  // With more to spend the same search goes on.
  const more = await search({ ...request, budget: {} });
  assert.ok(more.report.complete);
  assert.deepEqual(
    more.report.units,
    (await search(requestFor(echo(), path.join(folder, "k")))).report.units,
  );
});

testWith(
  ["root", "program:bash"],
  "a target that fails too often at random is refused with the rate",
  async context => {
    const folder = temporaryFolder(context);
    const request = requestFor(flaky(60), path.join(folder, "j"));
    await assert.rejects(
      search(request),
      error =>
        error instanceof TargetError &&
        /(fails at random: \d+ of 40|does not succeed even untouched)/.test(error.message),
    );
  },
);

/** Starts something that fails instead, in so many of a hundred starts. */
function failingAtRandom(percent: number, seed: number): Engine {
  const random = randomNumbers(seed);
  return {
    ...nativeEngine(),
    start: async spec => {
      const fails = random() * 100 < percent;
      return await nativeEngine().start(fails ? { ...spec, argv: ["/bin/false"] } : spec);
    },
  };
}

for (const seed of [1, 2]) {
  testWith(
    ["root"],
    `failing at random in 5 % of the runs: the classes are right, or it is refused with the rate (${seed})`,
    async context => {
      const folder = temporaryFolder(context);
      const truth = await search(requestFor(echo(), path.join(folder, "truth")));
      const engine = failingAtRandom(5, seed);
      const request = requestFor(echo(), path.join(folder, "j"), { engine, jobs: 1 });
      try {
        const { report } = await search(request);
        assert.deepEqual(names(report, "required"), names(truth.report, "required"));
        assert.deepEqual([...report.units].sort(), [...truth.report.units].sort());
        const failed = readJournal(request.journal).runs.filter(
          run => !run.works && run.denied?.length === 0,
        );
        if (failed.length > 0) assert.ok((report.flakiness?.failuresNeeded ?? 0) > 1);
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        assert.match(error.message, /fails at random: \d+ of 40|even untouched/);
      }
    },
  );
}

testWith(["root"], "an untouched failure, and output that is never the same, are refused", async context => {
  const folder = temporaryFolder(context);
  const failing = { ...echo(), workload: { ...echo().workload, argv: ["/bin/false"] } };
  await assert.rejects(
    search(requestFor(failing, path.join(folder, "a"))),
    /even untouched: it ended with exit code 1/,
  );
  const random = { ...echo(), workload: { ...echo().workload, argv: ["/bin/sh", "-c", "date +%N"] } };
  await assert.rejects(search(requestFor(random, path.join(folder, "b"))), /already differ/);
});

testWith(
  ["root", "program:sqlite3"],
  "a target that eats its data gets a fresh copy each time",
  async context => {
    const folder = temporaryFolder(context);
    const data = sqlite(path.join(folder, "data"));
    writeFileSync(path.join(folder, "data", "food"), "all of it");
    const eater: Target = {
      ...data,
      workload: { ...data.workload, argv: ["/bin/sh", "-c", "cat food && rm food && echo eaten"] },
    };
    const { report } = await search(requestFor(eater, path.join(folder, "j"), { copy: "auto" }));
    assert.ok(names(report, "required").some(name => name.startsWith("unlink")));
    assert.equal(readFileSync(path.join(folder, "data", "food"), "utf8"), "all of it");
  },
);

testWith(
  ["root"],
  "killed at any moment it goes on, with the same result and nothing left",
  async context => {
    const play = new Playground(context);
    const args = ["minimize", "--success", "output", "--json", "--jobs", "1", "--journal"];
    const command = ["--", "/bin/sh", "-c", "echo hello; sleep 0.02"];
    const journal = play.path("killed");
    let before = 0;
    let kills = 0;
    for (const delay of [450, 700, 1000]) {
      const started = play.start([...args, journal, ...command]);
      await sleep(delay);
      started.child.kill("SIGKILL");
      if ((await started.ended).signal === "SIGKILL") kills++;
      try {
        const { runs } = readJournal(journal);
        assert.ok(runs.length >= before);
        before = runs.length;
      } catch {
        // Killed before the journal was there.
      }
    }
    const resumed = await play.run([...args, journal, ...command]);
    const whole = await play.run([...args, play.path("whole"), ...command]);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.deepEqual(allowed(resumed.stdout), allowed(whole.stdout));
    const [again, once] = [readJournal(journal).runs, readJournal(play.path("whole")).runs];
    const keys = again.map(run => `${run.repetition} ${JSON.stringify(run.trial)}`);
    assert.equal(new Set(keys).size, keys.length, "no run is in the journal twice");
    assert.equal(again.length, once.length);
    const { begun, ended, lost } = readTurns(journal);
    assert.ok(lost <= kills, `${lost} runs were lost in ${kills} kills`);
    assert.deepEqual([begun, ended], [again.length + lost, again.length]);
    await play.clean();
  },
);

testWith(["root"], "seccraft minimize: profile, replay, and errors in one line", async context => {
  const play = new Playground(context);
  const done = await play.run(["minimize", "--success", "output", "--", "/bin/echo", "hi"]);
  assert.equal(done.code, 0, done.stderr);
  const profile = parseProfile(done.stdout, "stdout");
  assert.ok(profile.syscalls?.some(rule => rule.names.includes("execve")));
  assert.match(done.stderr, /required: it fails without/);
  const { runs } = readJournal(play.path("seccraft-minimize"));
  const failed = runs.find(run => !run.works && run.denied?.some(call => call.syscall === "write"));
  const replay = await play.run(["minimize", "--replay", String(failed?.number)]);
  assert.equal(replay.code, 1, replay.stderr);
  assert.match(replay.stderr, /denied, in this order/);
  for (const [wrong, message] of [
    [["minimize"], /there is no command/],
    [["minimize", "--replay", "999"], /holds runs 1 to/],
    [["minimize", "--success", "luck", "--", "true"], /unknown kind/],
    [["minimize", "--success", "exit", "--", "/bin/echo", "other"], /another command/],
    [["minimize", "--journal", "x", "--keep", "nonsense", "--", "true"], /no syscall/],
    [["minimize", "--start", "missing.json", "--", "true"], /missing.json/],
  ] as const) {
    const ended = await play.run(wrong);
    assert.equal(ended.code, 2, ended.stderr);
    assert.match(ended.stderr, message);
    assert.ok(!ended.stderr.includes(" at "), ended.stderr);
  }
  await play.clean();
});

testWith(["root"], "craft --minimize: the crafted profile without what is not needed", async context => {
  const play = new Playground(context);
  const out = play.path("out");
  const done = await play.run(["craft", "--no-analyze", "--minimize", "--out", out, "--", "/bin/echo", "hi"]);
  assert.equal(done.code, 0, done.stderr);
  const [crafted, minimal] = ["profile.json", "minimal.json"].map(name => {
    const profile = parseProfile(readFileSync(path.join(out, name), "utf8"), name);
    const rules = (profile.syscalls ?? []).filter(rule => rule.action === "SCMP_ACT_ALLOW");
    return new Set(rules.flatMap(rule => rule.names));
  });
  assert.ok((minimal?.size ?? 0) < (crafted?.size ?? 0));
  assert.ok([...(minimal ?? [])].every(name => crafted?.has(name)));
  const refused = await play.run(["craft", "--minimize", "--", "/bin/echo", "hi"]);
  assert.equal(refused.code, 2, refused.stderr);
  await play.clean();
});
