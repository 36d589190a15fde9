import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe } from "node:test";
import process from "node:process";
import { Playground, PROGRAM } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";

/** What went wrong, on one line, besides what `craft` says about its steps. */
function complaint(stderr: string): string {
  const lines = stderr.split("\n").filter(line => line !== "" && !line.endsWith(" …"));
  assert.equal(lines.length, 1, stderr);
  assert.match(lines[0] ?? "", /^seccraft: /);
  return lines[0] ?? "";
}

interface Case {
  readonly args: (play: Playground) => readonly string[];
  readonly code: 1 | 2;
  readonly says: RegExp;
}

const CASES: Readonly<Record<string, Case>> = {
  "a command that is not there": {
    args: () => ["craft", "--no-analyze", "--", "no-such-command"],
    code: 2,
    says: /no-such-command: not found on PATH/,
  },
  "a command by a path that leads nowhere": {
    args: () => ["record", "--", "./nothing"],
    code: 2,
    says: /\.\/nothing: no such file/,
  },
  "a command that is not executable": {
    args: play => {
      writeFileSync(play.path("text"), "x");
      chmodSync(play.path("text"), 0o644);
      return ["craft", "--", play.path("text")];
    },
    code: 2,
    says: /text: permission denied/,
  },
  "a command that is a folder": {
    args: () => ["craft", "--no-analyze", "--", "/tmp"],
    code: 2,
    says: /\/tmp: is a directory/,
  },
  "a command that fails": {
    args: () => ["craft", "--no-analyze", "--", "false"],
    code: 1,
    says: /exit code 1.*--expect-exit 1/,
  },
  "an unknown ready check": {
    args: () => ["craft", "--ready", "foo", "--", "true"],
    code: 2,
    says: /unknown kind/,
  },
  "a port that is none": { args: () => ["craft", "--ready", "tcp:0", "--", "true"], code: 2, says: /port/ },
  "an exercise without a ready check": {
    args: () => ["craft", "--exercise", "true", "--", "true"],
    code: 2,
    says: /--exercise needs --ready/,
  },
  "an unknown errno": {
    args: () => ["craft", "--errno", "EFOO", "--", "true"],
    code: 2,
    says: /EFOO is no errno/,
  },
  "an unknown option": {
    args: () => ["craft", "--redy", "tcp:1", "--", "true"],
    code: 2,
    says: /unknown option '--redy'; did you mean --ready\?/,
  },
  "an unknown command": {
    args: () => ["crafft"],
    code: 2,
    says: /unknown command 'crafft'; did you mean craft\?/,
  },
  "no command": { args: () => ["craft"], code: 2, says: /there is nothing to profile/ },
  "nothing to record": {
    args: () => ["record"],
    code: 2,
    says: /a command after --, --pid PID, --container ID, or --cgroup PATH/,
  },
  "two things to record": { args: () => ["record", "--pid", "1", "--", "true"], code: 2, says: /say one of/ },
  "a process that is not there": {
    args: () => ["record", "--pid", "4194304"],
    code: 2,
    says: /there is no process 4194304/,
  },
  "a cgroup that is not there": {
    args: () => ["record", "--cgroup", "/nope"],
    code: 2,
    says: /no such cgroup/,
  },
  "--out that is a file": {
    args: play => {
      writeFileSync(play.path("file"), "");
      return ["craft", "--out", play.path("file"), "--", "true"];
    },
    code: 2,
    says: /file: no folder can be made there/,
  },
  "evidence that cannot be written": {
    args: play => ["record", "--evidence", play.path("none/e.json"), "--", "sleep", "100"],
    code: 2,
    says: /none\/e.json: cannot be written \(ENOENT\)/,
  },
  "evidence that is a folder": {
    args: play => ["record", "--evidence", play.folder, "--", "sleep", "100"],
    code: 2,
    says: /is a directory/,
  },
  "output that cannot be written": {
    args: play => ["record", "-o", play.path("none/p.json"), "--", "sleep", "100"],
    code: 2,
    says: /none\/p.json: cannot be written/,
  },
  "no profile": { args: () => ["run", "--", "true"], code: 2, says: /--profile <file>' not specified/ },
  "a profile that is not there": {
    args: () => ["run", "--profile", "nope.json", "--", "true"],
    code: 2,
    says: /nope.json: no such file/,
  },
  "a profile that is a folder": {
    args: play => ["run", "--profile", play.folder, "--", "true"],
    code: 2,
    says: /is a directory/,
  },
  "a profile that is a FIFO": {
    args: play => {
      spawnSync("mkfifo", [play.path("fifo")]);
      return ["run", "--profile", play.path("fifo"), "--", "true"];
    },
    code: 2,
    says: /fifo: is not a regular file/,
  },
  "-o without --learn": {
    args: play => {
      writeFileSync(play.path("p.json"), '{ "defaultAction": "SCMP_ACT_ALLOW" }');
      return ["run", "--profile", play.path("p.json"), "-o", "x.json", "--", "true"];
    },
    code: 2,
    says: /-o goes with --learn/,
  },
};

/** Runs a line of shell in which `seccraft` is a command; its exit code and stderr. */
function shell(play: Playground, line: string): { code: number | null; stderr: string } {
  const script = `seccraft() { "${process.execPath}" "${PROGRAM}" "$@"; }\n${line}`;
  const env = { ...process.env, TMPDIR: play.subfolder("tmp"), NO_COLOR: "1" };
  const { status, stderr } = spawnSync("bash", ["-o", "pipefail", "-c", script], {
    encoding: "utf8",
    cwd: play.folder,
    env,
  });
  return { code: status, stderr };
}

void describe("errors", { concurrency: 3 }, () => {
  for (const [name, { args, code, says }] of Object.entries(CASES)) {
    testWith(["linux"], name, async context => {
      const play = new Playground(context);
      const ended = await play.run(args(play), { timeoutMs: 20_000 });
      // A command that fails shows what it printed, here nothing.
      assert.match(complaint(ended.stderr), says);
      assert.equal(ended.code, code);
      assert.equal(ended.stdout, "");
      assert.deepEqual(play.traces(), []);
    });
  }

  testWith(["linux", "file:/dev/full"], "output that the disk has no room for", context => {
    const play = new Playground(context);
    for (const args of ["template web", "template", "help recorders", "completion bash", "--help"]) {
      const { code, stderr } = shell(play, `seccraft ${args} >/dev/full`);
      assert.equal(stderr, "seccraft: standard output: cannot be written (ENOSPC)\n", args);
      assert.equal(code, 2, args);
    }
  });

  testWith(["root", "program:mount"], "a disk that fills up in the middle of the output", context => {
    const play = new Playground(context);
    const disk = play.subfolder("disk");
    const script = `mount -t tmpfs -o size=8k none ${disk} && trap 'umount ${disk}' EXIT
      seccraft completion zsh >${disk}/zsh`;
    const { code, stderr } = shell(play, script);
    assert.equal(stderr, "seccraft: standard output: cannot be written (ENOSPC)\n");
    assert.equal(code, 2);
  });

  testWith(["root", "program:mount"], "a temporary folder without room is no defect of ours", context => {
    const play = new Playground(context);
    const disk = play.subfolder("disk");
    const script = `mount -t tmpfs -o size=16k none ${disk} && trap 'umount ${disk}' EXIT
      head -c 16k /dev/zero >${disk}/fill; TMPDIR=${disk} seccraft craft --no-analyze -- true`;
    const { code, stderr } = shell(play, script);
    assert.match(stderr, /seccraft: ENOSPC: .*\nwhat to do: .*TMPDIR/);
    assert.equal(code, 3);
  });

  testWith(["linux"], "messages that nobody reads any more do not end the work", context => {
    const play = new Playground(context);
    const { code, stderr } = shell(
      play,
      "seccraft craft --no-analyze --out out -- true 2> >(true) && [ -s out/profile.json ]",
    );
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.deepEqual(readdirSync(play.path("tmp")), []);
  });

  testWith(["linux"], "an argument that Node cannot give as it is, and a folder that is gone", context => {
    const play = new Playground(context);
    const broken = shell(play, String.raw`seccraft lint $'a\xff.json'`);
    assert.match(complaint(broken.stderr), /an argument is not UTF-8 text/);
    assert.equal(broken.code, 2);
    assert.match(complaint(shell(play, "seccraft lint a\uFFFD.json").stderr), /: no such file/);
    const gone = shell(play, "mkdir gone && cd gone && rmdir ../gone && seccraft craft -- true");
    assert.match(complaint(gone.stderr), /the folder that this was started in is gone/);
    assert.equal(gone.code, 2);
  });

  testWith(["linux"], "a port that is in use before the start", async context => {
    const play = new Playground(context);
    const server = createServer().listen(0, "127.0.0.1");
    context.after(() => server.close());
    await new Promise(resolve => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const ended = await play.run(["craft", "--ready", `tcp:${port}`, "--", "sleep", "100"]);
    assert.match(complaint(ended.stderr), /answers already, before the target was started/);
    assert.equal(ended.code, 1);
    assert.deepEqual(play.traces(), []);
  });

  testWith(["linux"], "a target that is never ready", async context => {
    const play = new Playground(context);
    const args = ["craft", "--timeout", "300ms", "--ready", "file:never", "--", "sleep", "100"];
    const ended = await play.run(args);
    assert.match(complaint(ended.stderr), /not ready after 300ms: file:never \(no such file\)/);
    assert.equal(ended.code, 1);
    assert.deepEqual(play.traces(), []);
  });

  testWith(["linux"], "an exercise that fails because the target has ended", async context => {
    const play = new Playground(context);
    const args = ["--ready", "file:ready", "--exercise", "sleep 1; echo refused; false"];
    const target = ["sh", "-c", "touch ready; sleep 0.7; echo no such table; exit 3"];
    const ended = await play.run(["craft", ...args, "--", ...target]);
    assert.match(ended.stderr, /the target ended with exit code 3 while it was exercised: exercise/);
    assert.match(ended.stderr, /│ no such table/);
    assert.equal(ended.code, 1);
    assert.deepEqual(play.traces(), []);
  });

  testWith(
    ["linux"],
    "craft of what is not there says so alone, and leaves no file behind or changed",
    async context => {
      const play = new Playground(context);
      play.subfolder("old");
      writeFileSync(play.path("old/evidence.json"), "precious");
      for (const target of [
        ["--", "no-such-command"],
        ["--image", "./no-such-image.tar"],
      ]) {
        for (const out of ["old", "new/inner"]) {
          const ended = await play.run(["craft", "--out", play.path(out), ...target]);
          assert.equal(ended.code, 2);
          assert.match(ended.stderr, /^seccraft: .*no-such-[^\n]*\n$/);
        }
      }
      assert.deepEqual(readdirSync(play.folder), ["old"]);
      assert.deepEqual(readdirSync(play.path("old")), ["evidence.json"]);
      assert.equal(readFileSync(play.path("old/evidence.json"), "utf8"), "precious");
    },
  );

  testWith(["linux"], "without Docker it is said what works without", async context => {
    const play = new Playground(context);
    const env = { DOCKER_HOST: `unix://${play.path("none.sock")}` };
    for (const command of ["craft", "minimize"]) {
      const ended = await play.run([command, "--image", "nginx:1"], { env });
      assert.equal(ended.code, 3);
      assert.match(ended.stderr, /^seccraft: no Docker Engine answers at unix:.*none\.sock \(ENOENT\)\.$/m);
      for (const way of [
        /docker save/,
        /OCI layout/,
        /OCI bundle/,
        /root folder/,
        /root and with runc/,
        /-- COMMAND/,
      ])
        assert.match(ended.stderr, way);
    }
    const missing = await play.run(["craft", "--image", "nginx.tar"], { env });
    assert.match(complaint(missing.stderr), /nginx\.tar: no such file or folder/);
    assert.equal(missing.code, 2);
    play.subfolder("nginx");
    writeFileSync(play.path("p.json"), '{ "defaultAction": "SCMP_ACT_ALLOW" }');
    for (const args of [["craft"], ["check", "--profile", "p.json"]]) {
      const folder = await play.run([...args, "--image", "nginx"], { env });
      assert.match(folder.stderr, /^nginx is taken for the name of an image; .*--image \.\/nginx$/m);
      assert.match(folder.stderr, /^seccraft: no Docker Engine answers/m);
    }
    assert.deepEqual(play.traces(), []);
  });

  testWith(["root", "program:setpriv"], "what needs root says so, with exit code 3", async context => {
    const play = new Playground(context);
    // Still root by name, but without any right of it.
    const command = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", process.execPath, PROGRAM];
    const ended = await play.run(["record", "--recorder", "ebpf", "--", "true"], { command });
    assert.equal(ended.code, 3, ended.stderr);
    assert.match(ended.stderr, /^seccraft: .*\nwhat to do: .*\n$/);
    assert.deepEqual(play.traces(), []);
  });
});
