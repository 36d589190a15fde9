import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { InputError, TargetError } from "../../src/errors.ts";
import { testWith } from "../support/needs.ts";
import { eventually, launch, launchShell, processesWith, uniqueSleep } from "../support/target.ts";

testWith(["linux"], "exit codes and signals come through", async () => {
  for (const code of [0, 1, 77, 255]) {
    const running = await launchShell(`exit ${code}`);
    assert.deepEqual(await running.exited, { code, signal: null });
    await running.gone;
  }
  for (const signal of ["KILL", "TERM", "SEGV", "ABRT"]) {
    const running = await launchShell(`kill -${signal} $$`);
    assert.deepEqual(await running.exited, { code: null, signal: `SIG${signal}` });
  }
});

testWith(["linux"], "what cannot be executed is said in plain words", async t => {
  const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string, mode: number): string => {
    writeFileSync(path.join(folder, name), text, { mode });
    return path.join(folder, name);
  };
  const notElf = file("noise", "neither ELF nor a script\n", 0o755);
  const noLoader = file("lost", "#!/nowhere/interpreter\n", 0o755);
  const plain = file("plain", "#!/bin/sh\n", 0o644);
  const cases: [string, RegExp][] = [
    ["nginxx", /^nginxx: not found on PATH$/],
    ["", /^the command is empty$/],
    [path.join(folder, "none"), /none: no such file$/],
    [plain, /plain: permission denied$/],
    [folder, /: is a directory$/],
    [notElf, /noise: exec format error/],
    [noLoader, /lost: its interpreter is missing/],
  ];
  for (const [command, message] of cases) {
    await assert.rejects(launch([command]), error => {
      assert.ok(error instanceof TargetError || error instanceof InputError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(launch(["true"], { directory: "/nowhere" }), /no such folder/);
  await assert.rejects(launch(["plain"], { env: { PATH: folder } }), /plain: permission denied \(.*plain\)/);
});

testWith(["linux"], "the program gets its arguments, environment, folder and a PATH search", async () => {
  const running = await launch(
    ["sh", "-c", 'echo "$0|$1|$X|$PWD"; command -v nope; exit 0', "zero", "o n e"],
    {
      env: { PATH: "/nowhere::/usr/bin:/bin", X: "y" },
      directory: "/usr",
    },
  );
  await running.exited;
  assert.equal(running.outputTail(), "zero|o n e|y|/usr\n");
});

testWith(
  ["linux"],
  "both streams are captured in order, the end of them is kept, and /dev/stderr opens",
  async () => {
    const running = await launchShell("echo one; echo two >&2; echo three >/dev/stderr; printf four");
    await running.exited;
    assert.equal(running.outputTail(), "one\ntwo\nthree\nfour");
    const long = await launchShell("seq 1 100000");
    await long.gone;
    assert.equal(long.outputTail().length, 64 * 1024);
    assert.ok(long.outputTail().endsWith("\n99999\n100000\n"));
    const seen: Uint8Array[] = [];
    long.onOutput(bytes => seen.push(bytes));
    assert.equal(Buffer.concat(seen).toString(), long.outputTail());
  },
);

testWith(
  ["linux"],
  "no descriptor leaks into the target, and its signals are as they should be",
  async () => {
    const running = await launch([
      "/bin/sh",
      "-c",
      "ls -l /proc/self/fd | sed -n 's/.* \\([0-9]*\\) -> /\\1 /p'; grep -E '^(Sig(Blk|Ign)|NoNewPrivs|Seccomp):' /proc/self/status",
    ]);
    await running.exited;
    const [zero, one, two, three, ...rest] = running.outputTail().trimEnd().split("\n");
    assert.equal(zero, "0 /dev/null");
    assert.match(one ?? "", /^1 pipe:/);
    assert.match(two ?? "", /^2 pipe:/);
    // ls itself holds the folder that it lists.
    assert.match(three ?? "", /^3 \/proc\/\d+\/fd$/);
    assert.deepEqual(
      rest.map(line => line.split(/\s+/).join(" ")),
      ["SigBlk: 0000000000000000", "SigIgn: 0000000000000000", "NoNewPrivs: 0", "Seccomp: 0"],
    );
  },
);

testWith(["linux"], "its own session hides our terminal and no_new_privs is set when asked", async () => {
  const own = await launchShell("cut -d' ' -f1,5,6 /proc/$$/stat; grep NoNewPrivs /proc/self/status", {
    noNewPrivileges: true,
  });
  await own.exited;
  assert.equal(own.outputTail(), `${own.pid} ${own.pid} ${own.pid}\nNoNewPrivs:\t1\n`);
  const shared = await launchShell("cut -d' ' -f5 /proc/$$/stat", { ownSession: false });
  await shared.exited;
  const ours = await launchShell(`cut -d' ' -f5 /proc/${process.pid}/stat`);
  await ours.exited;
  assert.equal(shared.outputTail(), ours.outputTail());
});

testWith(["linux"], "signals reach the main process, or everybody", async () => {
  const marker = uniqueSleep();
  const running = await launchShell(`trap 'echo told' TERM; sleep ${marker} & wait; wait; exit 5`);
  await eventually("the child runs", () => processesWith(marker).length > 1);
  // A shell that has not come to wait for its child yet may take the signal and not run its trap before that ends.
  await eventually("the trap ran", () => {
    running.signal("SIGTERM");
    return running.outputTail().startsWith("told\n");
  });
  running.signal("SIGTERM", "all");
  assert.deepEqual(await running.exited, { code: 5, signal: null });
  await running.gone;
  running.signal("SIGTERM");
  running.signal("SIGTERM", "all");
  await running.killAll();
});

testWith(["linux"], "a target that forks into the background stays under guard", async () => {
  const marker = uniqueSleep();
  const running = await launchShell(`setsid sh -c 'setsid sleep ${marker} & exit 0' & exit 0`);
  assert.deepEqual(await running.exited, { code: 0, signal: null });
  await eventually("the daemon runs", () => processesWith(marker).length > 0);
  let gone = false;
  void running.gone.then(() => {
    gone = true;
  });
  await eventually("only the daemon is left", () => processesWith(marker).length === 2);
  assert.equal(gone, false);
  await running.killAll();
  assert.deepEqual(processesWith(marker), []);
});

testWith(["linux"], "a target that ignores every signal ends all the same", async () => {
  const marker = uniqueSleep();
  const running = await launchShell(`trap '' TERM INT HUP QUIT; echo on; sleep ${marker}; sleep ${marker}`);
  await eventually("it runs", () => running.outputTail() === "on\n");
  running.signal("SIGTERM", "all");
  assert.notDeepEqual(processesWith(marker), []);
  await running.killAll();
  assert.deepEqual(await running.exited, { code: null, signal: "SIGKILL" });
  assert.deepEqual(processesWith(marker), []);
});

testWith(
  ["linux"],
  "the limit of open files is that of whoever started us, not the one that Node raises",
  async () => {
    const script = `
    import { launchShell } from ${JSON.stringify(new URL("../support/target.js", import.meta.url).href)};
    const running = await launchShell("ulimit -Sn; ulimit -Hn");
    await running.gone;
    process.stdout.write(running.outputTail());`;
    const outer = await launchShell(
      'ulimit -Sn 777; ulimit -Hn; "$NODE" --input-type=module -e "$SCRIPT"; exit $?',
      {
        env: { ...process.env, NODE: process.execPath, SCRIPT: script },
      },
    );
    assert.deepEqual(await outer.exited, { code: 0, signal: null }, outer.outputTail());
    const [hard, ...seen] = outer.outputTail().trimEnd().split("\n");
    assert.deepEqual(seen, ["777", hard]);
  },
);
