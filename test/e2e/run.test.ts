import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import process from "node:process";
import { describe } from "node:test";
import { Playground } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";
import { eventually } from "../support/target.ts";

/** A profile that allows everything but one call. */
function allBut(play: Playground, call: string, action: object): string {
  const file = play.path(`no-${call}.json`);
  const syscalls = [{ names: [call], ...action }];
  writeFileSync(file, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls }));
  return file;
}

const EPERM = { action: "SCMP_ACT_ERRNO", errnoRet: 1 };
const PYTHON = "/usr/bin/python3";

void describe("run", { concurrency: 3 }, () => {
  for (const explain of [[], ["--explain"]]) {
    const name = ["run", ...explain].join(" ");

    testWith(
      ["linux", "program:python3"],
      `${name}: the exit code stays the program's own`,
      async context => {
        const play = new Playground(context);
        const profile = allBut(play, "mkdir", EPERM);
        for (const code of [0, 1, 2, 3, 42, 255]) {
          const ended = await play.run([
            "run",
            ...explain,
            "--profile",
            profile,
            "--",
            "sh",
            "-c",
            `exit ${code}`,
          ]);
          assert.equal(ended.code, code, ended.stderr);
        }
        for (const signal of ["SIGTERM", "SIGKILL", "SIGSEGV"] as const) {
          const script = `kill -${signal.slice(3)} $$`;
          const ended = await play.run(["run", ...explain, "--profile", profile, "--", "sh", "-c", script]);
          assert.equal(ended.code, 128 + constants.signals[signal], ended.stderr);
        }
      },
    );

    testWith(["linux", "program:mkdir"], `${name}: 128 + SIGSYS when the profile kills`, async context => {
      const play = new Playground(context);
      const profile = allBut(play, "mkdir", { action: "SCMP_ACT_KILL_PROCESS" });
      const ended = await play.run([
        "run",
        ...explain,
        "--profile",
        profile,
        "--",
        "mkdir",
        play.path("made"),
      ]);
      assert.equal(ended.code, 128 + constants.signals.SIGSYS, ended.stderr);
      assert.equal(existsSync(play.path("made")), false);
      if (explain.length > 0) assert.match(ended.stderr, /mkdir\[\d+\] mkdir\(.*\) → KILL_PROCESS/);
    });

    testWith(["linux"], `${name}: the program's input and output are its own`, async context => {
      const play = new Playground(context);
      const profile = allBut(play, "mkdir", EPERM);
      const ended = await play.run([
        "run",
        ...explain,
        "--profile",
        profile,
        "--",
        "sh",
        "-c",
        "echo out; echo err >&2",
      ]);
      assert.equal(ended.stdout, "out\n");
      assert.match(ended.stderr, /^err$/m);
    });
  }

  testWith(
    ["linux", "program:python3"],
    "--explain names the process, the arguments and the answer",
    async context => {
      const play = new Playground(context);
      const profile = allBut(play, "socket", { action: "SCMP_ACT_ERRNO", errnoRet: 13 });
      const script = `import os, socket
for i in range(3):
    try: socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    except PermissionError as e: print(e.errno)
pid = os.fork()
if pid == 0:
    try: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    except PermissionError: os._exit(5)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), pid, os.getpid())
raise SystemExit(9)`;
      const ended = await play.run(["run", "--explain", "--profile", profile, "--", PYTHON, "-c", script]);
      assert.equal(ended.code, 9, ended.stderr);
      const [, , , childCode, child, parent] = ended.stdout.trim().split(/\s+/);
      assert.equal(ended.stdout.startsWith("13\n13\n13\n"), true);
      assert.equal(childCode, "5");
      const denied = ended.stderr.split("\n").filter(line => line.startsWith("denied"));
      assert.equal(denied.length, 3, ended.stderr);
      assert.match(
        denied[0] ?? "",
        new RegExp(
          `python3(\\.\\d+)?\\[${parent}\\] socket\\(AF_INET, SOCK_STREAM.*SOCK_CLOEXEC.*, 0\\S*\\) → EACCES`,
        ),
      );
      assert.match(denied[1] ?? "", new RegExp(`\\[${child}\\] socket\\(AF_UNIX, SOCK_DGRAM.*\\) → EACCES`));
      assert.match(denied[2] ?? "", /3 times in all: .*AF_INET/);
    },
  );

  testWith(["linux", "program:mkdir"], "--explain says when nothing was denied", async context => {
    const play = new Playground(context);
    const ended = await play.run([
      "run",
      "--explain",
      "--profile",
      allBut(play, "mkdir", EPERM),
      "--",
      "true",
    ]);
    assert.equal(ended.code, 0);
    assert.match(ended.stderr, /the profile denied nothing/);
  });

  testWith(["linux", "program:python3"], "--learn writes a profile that is enough", async context => {
    const play = new Playground(context);
    writeFileSync(
      play.path("tight.json"),
      '{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "syscalls": [] }',
    );
    const command = [
      PYTHON,
      "-c",
      "import subprocess, threading; t = threading.Thread(target=print, args=('thread',)); t.start(); t.join(); print(subprocess.run(['echo', 'x'], capture_output=True).stdout)",
    ];
    const strict = await play.run(["run", "--profile", play.path("tight.json"), "--", ...command]);
    assert.notEqual(strict.code, 0);
    const learning = await play.run([
      "run",
      "--learn",
      "--profile",
      play.path("tight.json"),
      "--",
      ...command,
    ]);
    assert.equal(learning.code, 0, learning.stderr);
    assert.match(learning.stderr, /wrote .*tight\.learned\.json: added .*clone3?\b/);
    const better = play.path("tight.learned.json");
    const enough = await play.run(["run", "--profile", better, "--", ...command]);
    assert.equal(enough.code, 0, enough.stderr);
    assert.equal(enough.stdout, learning.stdout);
    const again = await play.run([
      "run",
      "--learn",
      "-o",
      play.path("again.json"),
      "--profile",
      better,
      "--",
      ...command,
    ]);
    assert.match(again.stderr, /nothing was missing/);
    assert.deepEqual(
      JSON.parse(readFileSync(play.path("again.json"), "utf8")),
      JSON.parse(readFileSync(better, "utf8")),
    );
  });

  testWith(["linux"], "a signal reaches the program, whose answer to it counts", async context => {
    const play = new Playground(context);
    const profile = allBut(play, "mkdir", EPERM);
    const script = `trap 'exit 21' TERM; echo > ${play.path("up")}; while :; do sleep 0.05; done`;
    const started = play.start(["run", "--explain", "--profile", profile, "--", "sh", "-c", script]);
    await eventually("it is up", () => existsSync(play.path("up")));
    process.kill(started.pid, "SIGTERM");
    assert.equal((await started.ended).code, 21);
    assert.deepEqual(play.traces(), []);
  });
});
