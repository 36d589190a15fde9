import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { describe } from "node:test";
import { Playground, PROGRAM } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";
import { cgroupFolder, eventually } from "../support/target.ts";

/** Calls getsid, an unusual call, every 20 ms, itself or in a child; says when it is there. */
function caller(flag: string): string {
  return `import os, time
open(${JSON.stringify(flag)}, "w").close()
if os.fork() == 0:
    while os.getppid() == ${process.pid} or True:
        os.getsid(0); time.sleep(0.02)
while True:
    os.getpgid(0); time.sleep(0.02)`;
}

void describe("record", { concurrency: 3 }, () => {
  testWith(
    ["root", "program:python3"],
    "--pid with --duration sees a process and its child, and leaves them alone",
    async context => {
      const play = new Playground(context);
      const child = spawn("/usr/bin/python3", ["-c", caller(play.path("up"))], {
        stdio: "ignore",
        detached: true,
      });
      context.after(() => process.kill(-(child.pid ?? 0), "SIGKILL"));
      await eventually("it is up", () => existsSync(play.path("up")));
      const ended = await play.run([
        "record",
        "--pid",
        String(child.pid),
        "--duration",
        "500ms",
        "--format",
        "names",
      ]);
      assert.equal(ended.code, 0, ended.stderr);
      const names = ended.stdout.trim().split("\n");
      for (const call of ["getsid", "getpgid", "clock_nanosleep"])
        assert.ok(names.includes(call), ended.stdout);
      assert.deepEqual(names, [...names].sort());
      assert.equal(child.exitCode, null);
      process.kill(child.pid ?? 0, 0);
      assert.deepEqual(play.traces(), []);
    },
  );

  testWith(["root", "program:python3"], "--cgroup sees what is in a cgroup until ^C", async context => {
    const play = new Playground(context);
    const cgroup = cgroupFolder(`e2e-record-${process.pid}`);
    if (cgroup === undefined) return;
    mkdirSync(cgroup);
    const script = `echo $$ > ${cgroup}/cgroup.procs; exec python3 -c '${caller(play.path("up"))}'`;
    const child = spawn("/bin/sh", ["-c", script], { stdio: "ignore" });
    context.after(async () => {
      writeFileSync(path.join(cgroup, "cgroup.kill"), "1");
      await eventually("it is empty", () => readFileSync(path.join(cgroup, "cgroup.procs"), "utf8") === "");
      rmdirSync(cgroup);
    });
    await eventually("it is up", () => existsSync(play.path("up")));
    const evidence = play.path("evidence.json");
    const started = play.start(["record", "--cgroup", cgroup, "--evidence", evidence, "--format", "names"]);
    await eventually(
      "it is seen",
      () => existsSync(evidence) && readFileSync(evidence, "utf8").includes("getsid"),
      20_000,
    );
    process.kill(started.pid, "SIGINT");
    const ended = await started.ended;
    assert.ok(ended.stdout.split("\n").includes("getsid"), ended.stdout);
    assert.equal(child.exitCode, null);
    assert.deepEqual(play.traces(), []);
  });

  for (const recorder of ["ebpf", "notify"] as const) {
    testWith(
      recorder === "ebpf" ? ["root"] : ["linux"],
      `--follow, ${recorder}: prints each call once, as it appears`,
      async context => {
        const play = new Playground(context);
        const script = `read x < /dev/null; while [ ! -e ${play.path("go")} ]; do sleep 0.05; done; mkdir ${play.path("made")}`;
        const started = play.start([
          "record",
          "--recorder",
          recorder,
          "--follow",
          "--",
          "/bin/sh",
          "-c",
          script,
        ]);
        await eventually("execve is told while it runs", () => /^execve\t/m.test(started.stdout()), 20_000);
        assert.doesNotMatch(started.stdout(), /^mkdir\t/m);
        writeFileSync(play.path("go"), "");
        const ended = await started.ended;
        assert.equal(ended.code, 0, ended.stderr);
        assert.match(ended.stdout, /^mkdir\tx86_64\t\S*mkdir$/m);
        const keys = ended.stdout
          .trim()
          .split("\n")
          .map(line => line.split("\t").slice(0, 2).join());
        assert.equal(new Set(keys).size, keys.length);
      },
    );

    testWith(
      recorder === "ebpf" ? ["root"] : ["linux"],
      `${recorder}: a closed stdout ends it, with nothing left`,
      async context => {
        const play = new Playground(context);
        const script = `while [ ! -e ${play.path("go")} ]; do sleep 0.05; done; mkdir ${play.path("made")}; sleep 1000`;
        const started = play.start([
          "record",
          "--recorder",
          recorder,
          "--follow",
          "--",
          "/bin/sh",
          "-c",
          script,
        ]);
        await eventually("it prints", () => started.stdout() !== "", 20_000);
        started.child.stdout.destroy();
        // It learns of that when it has something to print.
        writeFileSync(play.path("go"), "");
        const ended = await started.ended;
        assert.doesNotMatch(ended.stderr, /EPIPE|\n {4}at /);
        assert.deepEqual(play.traces(), []);
      },
    );
  }

  testWith(["linux", "program:python3"], "a result that nobody reads is no error", async context => {
    const play = new Playground(context);
    const line = `${process.execPath} ${PROGRAM} record --format evidence -- python3 -c 'print(1)' | head -c 1`;
    const result = spawnSync("bash", ["-o", "pipefail", "-c", line], {
      encoding: "utf8",
      env: { ...process.env, TMPDIR: play.subfolder("tmp") },
    });
    assert.equal(result.stdout, "{");
    assert.doesNotMatch(result.stderr, /EPIPE|\n {4}at /);
  });

  testWith(
    ["linux"],
    "data goes to stdout, the command's own output to stderr, unless there is -o",
    async context => {
      const play = new Playground(context);
      const both = await play.run(["record", "--", "echo", "hello"]);
      assert.equal(both.stderr, "hello\n");
      assert.equal((JSON.parse(both.stdout) as { defaultAction: string }).defaultAction, "SCMP_ACT_ERRNO");
      const apart = await play.run(["record", "-o", play.path("p.json"), "--", "echo", "hello"]);
      assert.equal(apart.stdout, "hello\n");
      assert.equal(readFileSync(play.path("p.json"), "utf8"), both.stdout);
    },
  );

  testWith(
    ["linux", "program:ln"],
    "output never takes the place of a device, a link or an open file",
    async context => {
      const play = new Playground(context);
      spawnSync("ln", ["-s", "real.txt", play.path("link")]);
      writeFileSync(play.path("real.txt"), "old");
      await play.run(["record", "-o", play.path("link"), "--format", "names", "--", "true"]);
      assert.match(readFileSync(play.path("real.txt"), "utf8"), /^execve$/m);
      assert.equal(spawnSync("readlink", [play.path("link")], { encoding: "utf8" }).stdout, "real.txt\n");
      const line = `${process.execPath} ${PROGRAM} record -o /dev/stdout --format names -- true > ${play.path("out")}`;
      spawnSync("sh", ["-c", line]);
      assert.match(readFileSync(play.path("out"), "utf8"), /^execve$/m);
      assert.notEqual(spawnSync("readlink", ["/dev/stdout"]).stdout.length, 0);
    },
  );
});
