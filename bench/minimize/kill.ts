/**
 * node .build/bench/minimize/kill.js [--runc] [--jobs N] [KILLS]: a search is killed at random moments and resumed, until
 * it has been killed that often; every time it comes to its end its result must be that of a search that nobody
 * disturbed, with no run done twice but those that were under way.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { readJournal, readTurns } from "../../src/minimize/journal.ts";
import { Playground } from "../../test/support/cli.ts";
import { containedShell } from "./containers.ts";

const { values, positionals } = parseArgs({
  options: { runc: { type: "boolean", default: false }, jobs: { type: "string", default: "1" } },
  allowPositionals: true,
});
const kills = Number(positionals[0] ?? 20);
const jobs = Number(values.jobs);
const afterwards: (() => void)[] = [];
const play = new Playground({ after: body => afterwards.push(body) });
const place = values.runc
  ? ["--image", `${containedShell(play.folder).options.image}/`, "--network", "none"]
  : [];
const script = values.runc ? "read x </etc/passwd; cd /tmp; :>file; echo $x" : "echo hello; sleep 0.02";

function search(journal: string): string[] {
  const options = ["--success", "output", "--jobs", String(jobs), "--journal", play.path(journal)];
  return ["minimize", ...options, ...place, "--", "/bin/sh", "-c", script];
}

/** Runs that were begun once more because a kill hit them, in a search that has come to its end. */
function check(journal: string, killed: number, whole: number): number {
  const { runs } = readJournal(play.path(journal));
  const keys = new Set(runs.map(run => `${run.repetition} ${JSON.stringify(run.trial)}`));
  assert.equal(keys.size, runs.length, "no finished run is done again");
  // With more than one job it depends on the moment which runs are done ahead.
  if (jobs === 1) assert.equal(runs.length, whole);
  const { lost } = readTurns(play.path(journal));
  assert.ok(lost <= killed * jobs, `${lost} runs were lost in ${killed} kills`);
  return lost;
}

try {
  const started = performance.now();
  const truth = await play.run(search("whole"));
  const usual = performance.now() - started;
  assert.equal(truth.code, 0, truth.stderr);
  const whole = readJournal(play.path("whole")).runs.length;
  let finished = 0;
  let lost = 0;
  for (let killed = 0, now = 0; killed < kills || now > 0; ) {
    const going = play.start(search("killed"));
    const moment =
      killed < kills ? sleep(Math.random() * usual).then(() => going.child.kill("SIGKILL")) : undefined;
    const ended = await going.ended;
    await moment;
    if (ended.signal === "SIGKILL") {
      killed++;
      now++;
      continue;
    }
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stdout, truth.stdout);
    lost += check("killed", now, whole);
    now = 0;
    finished++;
    rmSync(play.path("killed"), { recursive: true });
  }
  await play.clean();
  console.log(
    `${values.runc ? "runc" : "native"}, --jobs ${jobs}: killed ${kills} times, finished ${finished} times with the same result, ${lost} runs done again, nothing left behind`,
  );
} finally {
  for (const body of afterwards) body();
}
process.exit();
