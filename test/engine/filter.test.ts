import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { Duplex } from "node:stream";
import type { TestContext } from "node:test";
import { syscallByName } from "../../src/abi/syscalls.ts";
import type { LaunchSpec, Running } from "../../src/engine/engine.ts";
import { launcherArguments, launcherFile } from "../../src/engine/native/launcher.ts";
import { libc } from "../../src/linux/libc.ts";
import { temporaryFolder } from "../support/compile.ts";
import { always, only, RET } from "../support/filters.ts";
import { testWith } from "../support/needs.ts";
import { supervise } from "../support/supervisor.ts";
import { launch, launchShell, processesWith, uniqueSleep } from "../support/target.ts";

const EPERM = 1;

function number(name: string): number {
  const found = syscallByName("x86_64", name)?.number;
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function filtered(program: Uint8Array, listener = false): Partial<LaunchSpec> {
  return { filter: { program, flags: 0, listener }, noNewPrivileges: true };
}

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** The listener of a target, closed with the test. */
function listenerOf(context: TestContext, running: Running): number {
  const { listener } = running;
  assert.ok(listener !== undefined);
  context.after(async () => {
    libc().close(listener);
    await running.killAll();
  });
  return listener;
}

testWith(["linux"], "a filter is in force from the first instruction of the program", async () => {
  const running = await launchShell("grep Seccomp: /proc/self/status; mkdir /nowhere/x; exit 4", {
    ...filtered(only(number("mkdir"), RET.errno(77), RET.allow)),
    env: { PATH: "/bin", LC_ALL: "C" },
  });
  assert.deepEqual(await running.exited, { code: 4, signal: null });
  // 77 is EBADFD, which no mkdir ever gives.
  assert.match(running.outputTail(), /^Seccomp:\s+2\nmkdir: .*File descriptor in bad state\n$/);
});

testWith(["linux"], "a filter that does not let the program start says so", async () => {
  const marker = uniqueSleep();
  const command = ["sleep", marker];
  const cases: [Uint8Array, RegExp][] = [
    [
      always(RET.kill),
      /^sleep: was killed before it could start \(SIGSYS\); the filter does not let it execute$/,
    ],
    [only(number("execve"), RET.kill, RET.allow), /killed before it could start \(SIGSYS\)/],
    // Not even exit_group goes through.
    [always(RET.errno(EPERM)), /^sleep: the filter denies execve with EPERM$/],
    // There is no listener, so the answer is ENOSYS.
    [always(RET.notify), /^sleep: the filter denies execve with ENOSYS$/],
    [only(number("execve"), RET.errno(77), RET.allow), /^sleep: the filter denies execve with errno 77$/],
  ];
  for (const [program, message] of cases) {
    await assert.rejects(launch(command, filtered(program)), { name: "TargetError", message });
    assert.deepEqual(processesWith(marker), []);
  }
  await assert.rejects(launch(command, filtered(new Uint8Array(8))), /refuses the filter or its flags/);
});

testWith(["linux"], "a supervisor sees every call from the exec on", async t => {
  const running = await launchShell("ls -l /proc/self/fd; exit 7", filtered(always(RET.notify), true));
  const numbers = await supervise(listenerOf(t, running));
  assert.deepEqual(await running.exited, { code: 7, signal: null });
  assert.equal(numbers[0], number("execve"));
  assert.equal(numbers.at(-1), number("exit_group"));
  assert.equal(numbers.filter(n => n === number("execve")).length, 2);
  // The target does not hold its own listener.
  assert.doesNotMatch(running.outputTail(), /seccomp/);
  assert.match(running.outputTail(), / 2 -> pipe/);
});

testWith(["linux"], "the listener is handed over even when the exec does not wait for it", async t => {
  for (let round = 0; round < 20; round++) {
    const running = await launch(
      ["mkdir", "/nowhere/x"],
      filtered(only(number("mkdir"), RET.notify, RET.allow), true),
    );
    const numbers = await supervise(listenerOf(t, running), () => 77);
    assert.deepEqual(numbers, [number("mkdir")]);
    assert.deepEqual(await running.exited, { code: 1, signal: null });
    assert.match(running.outputTail(), /File descriptor in bad state/);
  }
});

testWith(["linux"], "a supervised exec that fails is told by `exited`", async t => {
  const script = path.join(temporaryFolder(t), "noise");
  writeFileSync(script, "neither ELF nor a script\n");
  chmodSync(script, 0o755);
  const running = await launch([script], filtered(always(RET.notify), true));
  await supervise(listenerOf(t, running));
  await assert.rejects(running.exited, {
    name: "TargetError",
    message: /exec format error .*, unless the filter denies execve with ENOEXEC$/,
  });
  await running.gone;
  const denied = await launch(["true"], filtered(always(RET.notify), true));
  await supervise(listenerOf(t, denied), () => EPERM);
  await assert.rejects(denied.exited, /^TargetError: true: the filter denies execve with EPERM$/);
});

testWith(["linux"], "a target that waits for its supervisor can be killed", async t => {
  const marker = uniqueSleep();
  const running = await launch(["sleep", marker], filtered(always(RET.notify), true));
  listenerOf(t, running);
  await running.killAll();
  await assert.rejects(running.exited, /sleep: was killed before it could start \(SIGKILL\)$/);
  assert.deepEqual(processesWith(marker), []);
});

testWith(["linux"], "neither descriptors nor processes pile up", async () => {
  let before = 0;
  for (let round = 0; round < 25; round++) {
    const running = await launch(["true"], filtered(always(RET.notify), true));
    await supervise(running.listener ?? -1);
    libc().close(running.listener ?? -1);
    await running.gone;
    if (round === 4) before = descriptors();
  }
  assert.equal(descriptors(), before);
});

testWith(["linux", "program:strace"], "nothing comes between loading the filter and the exec", async t => {
  const trace = path.join(temporaryFolder(t), "trace");
  const program = always(RET.allow);
  const spec: LaunchSpec = {
    argv: ["true"],
    stdin: "null",
    output: "inherit",
    noNewPrivileges: true,
    ownSession: true,
    filter: { program, flags: 0, listener: false },
  };
  const child = spawn(
    "strace",
    ["-f", "-o", trace, launcherFile(), ...launcherArguments(spec, "/bin/true")],
    {
      stdio: ["ignore", "inherit", "inherit", "pipe"],
    },
  );
  const control = child.stdio[3];
  assert.ok(control instanceof Duplex);
  control.write(program);
  control.resume();
  await once(child, "close");
  const lines = readFileSync(trace, "utf8").split("\n");
  const load = lines.findIndex(line => line.includes("seccomp(SECCOMP_SET_MODE_FILTER"));
  assert.ok(load > 0, lines.join("\n"));
  const pid = lines[load]?.split(/\s+/)[0] ?? "";
  const next = lines.slice(load + 1).find(line => line.startsWith(`${pid} `));
  assert.match(next ?? "", /^\d+\s+execve\("\/bin\/true"/);
  assert.doesNotMatch(lines[load] ?? "", / = -1 /);
});

testWith(["linux", "root", "program:setpriv"], "an ordinary user gets a listener too", async t => {
  const running = await launch(
    [
      "setpriv",
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
      process.execPath,
      path.join(import.meta.dirname, "supervised.js"),
    ],
    { env: { ...process.env, TMPDIR: temporaryFolder(t) } },
  );
  assert.deepEqual(await running.exited, { code: 0, signal: null }, running.outputTail());
  assert.equal(
    running.outputTail(),
    "id: 65534, exit code 0, true\n" +
      "MachineError: loading a filter needs no_new_privs or root. Allow no_new_privs.\n",
  );
});
