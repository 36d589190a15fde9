/**
 * node .build/bench/minimize/kill.js [KILLS]: a search is killed at random moments and resumed, until it has been killed
 * that often; every time it comes to its end its result must be that of a search that nobody disturbed.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { readJournal } from "../../src/minimize/journal.ts";
import { Playground } from "../../test/support/cli.ts";

const kills = Number(process.argv[2] ?? 20);
const afterwards: (() => void)[] = [];
const play = new Playground({ after: body => afterwards.push(body) });
const search = (journal: string): string[] => {
  const options = ["--success", "output", "--jobs", "1", "--journal", play.path(journal)];
  return ["minimize", ...options, "--", "/bin/sh", "-c", "echo hello; sleep 0.02"];
};
try {
  const truth = await play.run(search("whole"));
  assert.equal(truth.code, 0, truth.stderr);
  const whole = readJournal(play.path("whole")).runs.length;
  let finished = 0;
  for (let killed = 0; killed < kills; ) {
    const started = play.start(search("killed"));
    const moment = sleep(200 + Math.random() * 1500).then(() => started.child.kill("SIGKILL"));
    const ended = await started.ended;
    await moment;
    if (ended.signal === "SIGKILL") {
      killed++;
      continue;
    }
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stdout, truth.stdout);
    const { runs } = readJournal(play.path("killed"));
    const keys = new Set(runs.map(run => `${run.repetition} ${JSON.stringify(run.trial)}`));
    assert.equal(keys.size, runs.length, "no finished run is done again");
    assert.equal(runs.length, whole);
    finished++;
    rmSync(play.path("killed"), { recursive: true });
  }
  const last = await play.run(search("killed"));
  assert.equal(last.stdout, truth.stdout);
  await play.clean();
  console.log(
    `killed ${kills} times, finished ${finished + 1} times with the same result, nothing left behind`,
  );
} finally {
  for (const body of afterwards) body();
}
process.exit();
