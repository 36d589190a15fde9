import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { InterruptedError, TargetError } from "../../src/errors.ts";
import { runExercises } from "../../src/engine/exercise.ts";
import { temporaryFolder } from "../support/compile.ts";
import { testWith } from "../support/needs.ts";
import { eventually, processesWith, uniqueSleep } from "../support/target.ts";

const LONG = { timeoutMs: 10_000 };

testWith(["linux"], "exercises run in order, with our environment and what is added to it", async t => {
  const file = path.join(temporaryFolder(t), "log");
  const heard: string[] = [];
  const commands = [
    `sleep 0.05; echo one $SECCRAFT_PID > ${file}`,
    `echo two >> ${file}; command -v sh >> ${file}`,
  ];
  await runExercises(commands, {
    ...LONG,
    env: { SECCRAFT_PID: "42" },
    onStart: (command, index) => heard.push(`${index} ${command}`),
  });
  assert.match(readFileSync(file, "utf8"), /^one 42\ntwo\n\/.*\/sh\n$/);
  assert.deepEqual(heard, [`0 ${commands[0]}`, `1 ${commands[1]}`]);
});

testWith(["linux"], "one that fails ends the row and shows what it printed", async t => {
  const file = path.join(temporaryFolder(t), "log");
  await assert.rejects(runExercises(["true", "echo no route >&2; exit 7", `echo > ${file}`], LONG), error => {
    assert.ok(error instanceof TargetError);
    assert.equal(error.message, 'exercise "echo no route >&2; exit 7" failed: exit code 7');
    assert.equal(error.output, "no route\n");
    return true;
  });
  assert.throws(() => readFileSync(file));
  await assert.rejects(runExercises(["kill -9 $$"], LONG), /failed: SIGKILL/);
});

testWith(["linux"], "one that hangs is ended with all that it started", async () => {
  const marker = uniqueSleep();
  const command = `trap '' TERM; echo waiting; setsid sleep ${marker} & sleep ${marker}`;
  await assert.rejects(runExercises([command], { timeoutMs: 100 }), error => {
    assert.ok(error instanceof TargetError);
    assert.match(error.message, /has not ended after 100ms$/);
    assert.equal(error.output, "waiting\n");
    return true;
  });
  assert.deepEqual(processesWith(marker), []);
});

testWith(["linux"], "aborting ends the one that runs, and the rest never starts", async () => {
  const marker = uniqueSleep();
  const stop = new AbortController();
  const heard: number[] = [];
  const run = runExercises([`sleep ${marker}`, "true"], {
    ...LONG,
    signal: stop.signal,
    onStart: (_, index) => heard.push(index),
  });
  const ended = assert.rejects(run, InterruptedError);
  await eventually("it runs", () => processesWith(marker).length > 0);
  stop.abort();
  await ended;
  assert.deepEqual(processesWith(marker), []);
  assert.deepEqual(heard, [0]);
});

testWith(
  ["linux"],
  "what one leaves in the background serves the others, and ends with the last",
  async t => {
    const marker = uniqueSleep();
    const file = path.join(temporaryFolder(t), "pid");
    await runExercises([`sleep ${marker} & echo $! > ${file}`, `kill -0 $(cat ${file})`], LONG);
    assert.deepEqual(processesWith(marker), []);
  },
);
