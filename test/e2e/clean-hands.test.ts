import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Playground, type Started } from "../support/cli.ts";
import { testWith, type Need } from "../support/needs.ts";
import { eventually, uniqueSleep } from "../support/target.ts";

const ALLOW_ALL = '{ "defaultAction": "SCMP_ACT_ALLOW" }';

/** The ways in which a target is run; each may be interrupted while `body` runs. */
const WAYS: readonly {
  readonly name: string;
  readonly needs: readonly Need[];
  readonly args: (play: Playground) => string[];
}[] = [
  {
    name: "craft --recorder ebpf",
    needs: ["root"],
    args: play => ["craft", "--no-analyze", "--recorder", "ebpf", "--out", play.path("out")],
  },
  {
    name: "craft --recorder notify",
    needs: ["linux"],
    args: play => ["craft", "--no-analyze", "--recorder", "notify", "--out", play.path("out")],
  },
  {
    name: "record --recorder ebpf",
    needs: ["root"],
    args: play => [
      "record",
      "--recorder",
      "ebpf",
      "--evidence",
      play.path("evidence.json"),
      "-o",
      play.path("p.json"),
    ],
  },
  {
    name: "record --recorder notify",
    needs: ["linux"],
    args: play => [
      "record",
      "--recorder",
      "notify",
      "--evidence",
      play.path("evidence.json"),
      "-o",
      play.path("p.json"),
    ],
  },
  { name: "run", needs: ["linux"], args: play => ["run", "--profile", allowAll(play)] },
  {
    name: "run --explain",
    needs: ["linux"],
    args: play => ["run", "--explain", "--profile", allowAll(play)],
  },
];

function allowAll(play: Playground): string {
  writeFileSync(play.path("allow.json"), ALLOW_ALL);
  return play.path("allow.json");
}

/** Says that it has started, has a child, one in the background in a session of its own, and stays. */
function busyShell(play: Playground): string {
  return `setsid sleep ${uniqueSleep()} & sleep ${uniqueSleep()} & echo > ${play.path("started")}; wait`;
}

async function startBusy(
  play: Playground,
  args: readonly string[],
  script = busyShell(play),
): Promise<Started> {
  const started = play.start([...args, "--", "/bin/sh", "-c", script]);
  await eventually(`the target runs: ${started.stderr()}`, () => existsSync(play.path("started")), 20_000);
  return started;
}

/** No half-written file of ours among the user's. */
function noTemporaries(play: Playground): void {
  const names = readdirSync(play.folder, { recursive: true }).map(String);
  assert.deepEqual(
    names.filter(name => name.includes(".tmp")),
    [],
  );
}

// They wait more than they work.
void describe("clean hands", { concurrency: 4 }, () => {
  for (const { name, needs, args } of WAYS) {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      testWith(needs, `${name}: nothing is left after ${signal}`, async context => {
        const play = new Playground(context);
        const started = await startBusy(play, args(play));
        process.kill(started.pid, signal);
        const ended = await started.ended;
        if (name.startsWith("run"))
          assert.equal(ended.code, { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
        else assert.equal(ended.code, 130, ended.stderr);
        assert.doesNotMatch(ended.stderr, /\n {4}at /);
        assert.deepEqual(play.traces(), []);
        noTemporaries(play);
      });
    }

    testWith(needs, `${name}: after SIGKILL the target ends, and the next start cleans up`, async context => {
      const play = new Playground(context);
      const started = await startBusy(play, args(play));
      // Long enough for a checkpoint to be under way sooner or later.
      await sleep(300 + Math.random() * 900);
      process.kill(started.pid, "SIGKILL");
      await started.ended;
      await eventually("the target ends", () => play.processes().length === 0, 3000);
      await eventually("its cgroup goes", () => play.cgroups().length === 0, 3000);
      const hadFolder = play.temporaryFiles().length > 0;
      const next = await play.run(["record", "--format", "names", "--", "/bin/true"]);
      assert.equal(next.code, 0, next.stderr);
      assert.equal(/cleaned up after a run that was killed/.test(next.stderr), hadFolder, next.stderr);
      assert.equal(hadFolder, !name.startsWith("run"));
      assert.deepEqual(play.traces(), []);
      noTemporaries(play);
    });

    testWith(needs, `${name}: a target that ignores SIGTERM is gone after ^C`, async context => {
      const play = new Playground(context);
      const script = `trap '' TERM INT HUP; echo > ${play.path("started")}; while :; do sleep 0.1; done`;
      const started = await startBusy(play, args(play), script);
      process.kill(started.pid, "SIGINT");
      if (!name.startsWith("craft")) {
        // Politely asked, they may take their time; asked twice, no more.
        await sleep(200);
        process.kill(started.pid, "SIGINT");
      }
      if (name.startsWith("run")) {
        // What it does about a signal is the program's own affair.
        await sleep(200);
        assert.equal(started.child.exitCode, null);
        process.kill(started.pid, "SIGKILL");
      }
      await started.ended;
      await eventually("nothing runs", () => play.processes().length === 0, 3000);
      await play.run(["record", "-o", "/dev/null", "--", "/bin/true"]);
      await play.clean();
    });
  }

  testWith(["linux"], "craft: ^C is heard while programs are analysed", async context => {
    const play = new Playground(context);
    const started = play.start([
      "craft",
      "--out",
      play.path("out"),
      "--",
      "/bin/sh",
      "-c",
      "ls /; id; date; sort /dev/null",
    ]);
    await eventually("the analysis", () => started.stderr().includes("analysing"), 20_000);
    const at = performance.now();
    process.kill(started.pid, "SIGINT");
    assert.equal((await started.ended).code, 130);
    assert.ok(performance.now() - at < 1500, `${performance.now() - at} ms`);
    assert.deepEqual(play.traces(), []);
  });

  for (const recorder of ["ebpf", "notify"] as const) {
    const needs: readonly Need[] = recorder === "ebpf" ? ["root"] : ["linux"];

    testWith(
      needs,
      `craft, ${recorder}: an exercise that fails ends the target and shows its output`,
      async context => {
        const play = new Playground(context);
        const mark = uniqueSleep();
        const args = [
          "craft",
          "--no-analyze",
          "--no-analyze",
          "--recorder",
          recorder,
          "--out",
          play.path("out"),
          "--ready",
          "delay:100ms",
        ];
        const exercise = `sleep ${mark} & echo what went wrong; exit 7`;
        const ended = await play.run([...args, "--exercise", exercise, "--", "sleep", mark]);
        assert.equal(ended.code, 1);
        assert.match(ended.stderr, /exercise .* failed: exit code 7/);
        assert.match(ended.stderr, /what went wrong/);
        assert.deepEqual(play.traces(), []);
        // What was seen is kept.
        assert.match(readFileSync(play.path("out/evidence.json"), "utf8"), /"syscall": ?"execve"/);
        noTemporaries(play);
      },
    );

    testWith(
      needs,
      `craft, ${recorder}: a target that goes into the background is followed and ended`,
      async context => {
        const play = new Playground(context);
        const pidFile = play.path("daemon.pid");
        const daemon = `(setsid sh -c 'echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep ${uniqueSleep()}' &) &`;
        const args = [
          "craft",
          "--no-analyze",
          "--recorder",
          recorder,
          "--out",
          play.path("out"),
          "--ready",
          `file:${pidFile}`,
        ];
        const exercise = `kill -0 $(cat ${pidFile})`;
        const ended = await play.run([...args, "--exercise", exercise, "--", "/bin/sh", "-c", daemon]);
        assert.equal(ended.code, 0, ended.stderr);
        assert.match(readFileSync(play.path("out/profile.json"), "utf8"), /nanosleep/);
        assert.deepEqual(play.traces(), []);
      },
    );

    testWith(
      needs,
      `craft, ${recorder}: a target that ignores SIGTERM is killed, and that is a gap`,
      async context => {
        const play = new Playground(context);
        const script = "trap '' TERM; while :; do sleep 0.2; done";
        const args = [
          "craft",
          "--no-analyze",
          "--recorder",
          recorder,
          "--out",
          play.path("out"),
          "--ready",
          "delay:100ms",
        ];
        const ended = await play.run([...args, "--", "/bin/sh", "-c", script]);
        assert.equal(ended.code, 0, ended.stderr);
        assert.match(readFileSync(play.path("out/summary.txt"), "utf8"), /did not heed SIGTERM/);
        assert.deepEqual(play.traces(), []);
      },
    );

    for (const command of ["craft", "record"] as const) {
      testWith(
        needs,
        `${command}, ${recorder}: SIGKILL leaves what was seen up to the last second`,
        async context => {
          const play = new Playground(context);
          const file = command === "craft" ? play.path("out/evidence.json") : play.path("evidence.json");
          const where = command === "craft" ? ["--out", play.path("out")] : ["--evidence", file];
          const script = `import os, time
time.sleep(0.2)
os.getsid(0)
open(${JSON.stringify(play.path("early"))}, "w").close()
time.sleep(1.5)
os.getpgid(0)
open(${JSON.stringify(play.path("late"))}, "w").close()
time.sleep(100)`;
          const started = play.start([
            command,
            "--recorder",
            recorder,
            ...where,
            "--",
            "/usr/bin/python3",
            "-c",
            script,
          ]);
          await eventually("its first call", () => existsSync(play.path("early")), 20_000);
          await eventually("its last call", () => existsSync(play.path("late")));
          await sleep(1200);
          process.kill(started.pid, "SIGKILL");
          await started.ended;
          const evidence = JSON.parse(readFileSync(file, "utf8")) as {
            runs: { finished: boolean }[];
            observations: { syscall: string }[];
          };
          assert.equal(evidence.runs.length, 1);
          assert.equal(evidence.runs[0]?.finished, false);
          const seen = new Set(evidence.observations.map(observation => observation.syscall));
          for (const call of ["execve", "getsid", "getpgid"])
            assert.ok(seen.has(call), `${call} in ${[...seen].join(" ")}`);
          await play.run(["record", "-o", "/dev/null", "--", "/bin/true"]);
          await play.clean();
        },
      );
    }
  }
});
