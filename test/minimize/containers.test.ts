import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  containedGoWeb,
  containedShell,
  containedSqlite,
  openRunc,
} from "../../bench/minimize/containers.ts";
import { enforced, oneByOne, requestFor, search } from "../../bench/minimize/reference.ts";
import { readJournal, readTurns } from "../../src/minimize/journal.ts";
import { parseProfile } from "../../src/profile/parse.ts";
import { Playground } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";
import { ROOT, temporaryFolder } from "../support/programs.ts";

const RUNC = ["root", "program:runc"] as const;

for (const [name, make, needs] of [
  ["sqlite3", containedSqlite, ["program:sqlite3"]],
  ["Go web server", (folder: string) => containedGoWeb(ROOT, folder), ["program:go", "program:curl"]],
] as const) {
  testWith([...RUNC, ...needs], `${name} on runc: groups find what one by one finds`, async context => {
    const folder = temporaryFolder(context);
    const { target, options } = make(folder);
    const { parts, close } = await openRunc(options);
    try {
      const request = requestFor(target, path.join(folder, "journal"), parts);
      const result = await search(request);
      assert.ok(result.report.complete);
      assert.ok(result.report.findings.some(finding => finding.class === "required"));
      assert.deepEqual([...result.report.units].sort(), (await oneByOne(request, result)).units);
      assert.deepEqual(await enforced(request, result, 20), []);
      for (const finding of result.report.findings) {
        if (finding.class !== "required") continue;
        const run = readJournal(request.journal).runs[(finding.run ?? 0) - 1];
        assert.equal(run?.works, false, finding.unit);
      }
    } finally {
      await close();
    }
  });
}

function allowedIn(report: string): unknown {
  return (JSON.parse(report) as { allowed: unknown }).allowed;
}

function allowedBy(file: string): Set<string> {
  const rules = (parseProfile(readFileSync(file, "utf8"), file).syscalls ?? []).filter(
    rule => rule.action === "SCMP_ACT_ALLOW",
  );
  return new Set(rules.flatMap(rule => rule.names));
}

testWith(
  RUNC,
  "an image that eats its data: fresh each run, killed and resumed, replayed, nothing left",
  async context => {
    const play = new Playground(context);
    const { image } = containedShell(play.folder).options;
    const food = path.join(image, "food");
    writeFileSync(food, "all of it");
    const args = ["--image", `${image}/`, "--network", "none", "--jobs", "1", "--json"];
    // `read` and `:>` are the shell's own.
    const command = ["--", "/bin/sh", "-c", 'read x </food; :>/food; echo $x; [ -n "$x" ]'];
    const whole = await play.run(["minimize", ...args, "--journal", play.path("whole"), ...command]);
    assert.equal(whole.code, 0, whole.stderr);
    assert.equal(readFileSync(food, "utf8"), "all of it");

    const journal = play.path("killed");
    let kills = 0;
    for (const delay of [500, 800]) {
      const started = play.start(["minimize", ...args, "--journal", journal, ...command]);
      await sleep(delay);
      started.child.kill("SIGKILL");
      if ((await started.ended).signal === "SIGKILL") kills++;
    }
    const resumed = await play.run(["minimize", ...args, "--journal", journal, ...command]);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.deepEqual(allowedIn(resumed.stdout), allowedIn(whole.stdout));
    const { runs, header } = readJournal(journal);
    assert.equal(runs.length, readJournal(play.path("whole")).runs.length);
    assert.ok(kills > 0);
    assert.ok(readTurns(journal).lost <= kills);
    assert.equal(header.container?.image, image);

    const failed = runs.find(run => !run.works);
    assert.ok(failed !== undefined);
    const replay = await play.run(["minimize", "--replay", String(failed.number), "--journal", journal]);
    assert.equal(replay.code, 1, replay.stderr);
    assert.match(replay.stderr, /then: .*\nnow: /);
    await play.clean();
  },
);

testWith(RUNC, "craft --image --minimize: within the crafted profile", async context => {
  const play = new Playground(context);
  const { image } = containedShell(play.folder).options;
  const out = play.path("out");
  const args = ["--no-analyze", "--minimize", "--out", out, "--image", `${image}/`, "--network", "none"];
  const done = await play.run(["craft", ...args, "--", "/bin/sh", "-c", "echo hi"]);
  assert.equal(done.code, 0, done.stderr);
  const [crafted, minimal] = [
    allowedBy(path.join(out, "profile.json")),
    allowedBy(path.join(out, "minimal.json")),
  ];
  assert.ok(minimal.size < crafted.size);
  assert.ok([...minimal].every(name => crafted.has(name)));
  const replay = await play.run(["minimize", "--replay", "1", "--journal", path.join(out, "minimize")]);
  assert.equal(replay.code, 0, replay.stderr);
  await play.clean();
});

testWith(RUNC, "an engine that does not fit what is to be run is refused in a line", async context => {
  const play = new Playground(context);
  for (const [wrong, message] of [
    [["--engine", "runc", "--", "true"], /--engine runc needs --image/],
    [["--engine", "docker", "--", "true"], /--engine docker needs --image/],
    [["--engine", "native", "--image", "/", "--", "true"], /--engine native starts commands/],
    [["--image", "/nowhere/", "--engine", "runc", "--", "true"], /nowhere/],
    [["--image", "/", "--publish", "80:80", "--engine", "runc", "--", "true"], /--publish needs/],
    [["--engine", "lxc", "--", "true"], /must be one of/],
  ] as const) {
    const ended = await play.run(["minimize", ...wrong]);
    assert.notEqual(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, message);
    assert.ok(!ended.stderr.includes("    at "), ended.stderr);
  }
  assert.ok(!existsSync(play.path("seccraft-minimize")), "no journal before the search can start");
  await play.clean();
});
