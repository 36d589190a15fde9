import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { syscallByName } from "../../src/abi/syscalls.ts";
import { createCgroup, removeCgroup } from "../../src/linux/cgroup.ts";
import { compile, temporaryFolder } from "../support/compile.ts";
import { always, only, RET } from "../support/filters.ts";
import { testWith } from "../support/needs.ts";
import { eventually, launch, launchShell, processesWith, uniqueSleep } from "../support/target.ts";
import type { VictimOrder } from "./victim.ts";

interface Victim {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly folder: string;
  readonly cgroup?: string;
  readonly cleaned: string[];
}

async function startVictim(
  context: TestContext,
  temporary: string,
  order: Partial<VictimOrder>,
): Promise<Victim> {
  const whole: VictimOrder = { argv: ["sleep", "1000"], cgroup: false, ownSession: true, ...order };
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, "victim.js"), JSON.stringify(whole)],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TMPDIR: temporary },
      // A process group of its own, so that a test can kill that.
      detached: true,
    },
  );
  context.after(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  return { process: child, ...(JSON.parse(line) as Omit<Victim, "process">) };
}

/** A shell line with children in the same session, in another one, and one that has lost its parent. */
function family(marker: string): string {
  return `sleep ${marker} & setsid sh -c 'trap "" TERM HUP; setsid sleep ${marker} & sleep ${marker}' & sleep ${marker}`;
}

for (const cgroup of [false, true]) {
  for (const ownSession of [false, true]) {
    const where = `${cgroup ? "with" : "without"} a cgroup, ${ownSession ? "in its own" : "in our"} session`;
    const needs = cgroup ? (["linux", "root"] as const) : (["linux"] as const);
    testWith(needs, `after SIGKILL to us nothing is left within 2 s: ${where}`, async t => {
      const temporary = temporaryFolder(t);
      const marker = uniqueSleep();
      const victim = await startVictim(t, temporary, {
        argv: ["sh", "-c", family(marker)],
        cgroup,
        ownSession,
      });
      await eventually("the family is there", () => processesWith(marker).length >= 6);
      // The whole process group, as a supervisor's time limit would.
      process.kill(-(victim.process.pid ?? 0), "SIGKILL");
      await eventually("all processes are gone", () => processesWith(marker).length === 0, 2000);
      if (victim.cgroup !== undefined) {
        const folder = victim.cgroup;
        await eventually("the cgroup is gone", () => !existsSync(folder), 2000);
      }
      assert.equal(existsSync(victim.folder), true);
      const next = await startVictim(t, temporary, { argv: ["true"] });
      assert.deepEqual(next.cleaned, [victim.folder]);
      await once(next.process, "close");
      assert.equal(existsSync(path.dirname(victim.folder)), false);
    });
  }
}

testWith(
  ["linux"],
  "after SIGKILL to us while the exec waits for its supervisor nothing is left",
  async t => {
    const marker = uniqueSleep();
    const filter = Buffer.from(always(RET.notify)).toString("hex");
    const victim = await startVictim(t, temporaryFolder(t), { argv: ["sleep", marker], filter });
    assert.deepEqual(processesWith(marker).includes(victim.pid), true);
    victim.process.kill("SIGKILL");
    await eventually("all processes are gone", () => processesWith(marker).length === 0);
  },
);

testWith(
  ["linux", "program:gcc"],
  "a process that is another one every few microseconds does not escape",
  async t => {
    const program = compile(t, "engine/hopper.c");
    for (let round = 0; round < 3; round++) {
      const running = await launch([program, "20"]);
      await running.exited;
      await setTimeout(50);
      await running.killAll();
      assert.deepEqual(processesWith(program), []);
    }
  },
);

testWith(["linux", "program:gcc"], "a tree that grows again wherever it is cut does not escape", async t => {
  const program = compile(t, "engine/hydra.c");
  const running = await launch([program, "6", "20"]);
  await eventually("it is grown", () => processesWith(program).length >= 127, 10_000);
  await running.killAll();
  assert.deepEqual(processesWith(program), []);
});

testWith(["linux", "root"], "a target in a cgroup ends at once, and the cgroup can go", async () => {
  const marker = uniqueSleep();
  const cgroup = createCgroup(() => undefined);
  const running = await launchShell(`grep 0:: /proc/self/cgroup; ${family(marker)}`, { cgroup: cgroup.path });
  await eventually("the family is there", () => processesWith(marker).length >= 6);
  await eventually("it tells its cgroup", () => running.outputTail() === `0::${cgroup.name}\n`);
  await running.killAll();
  assert.deepEqual(processesWith(marker), []);
  await removeCgroup(cgroup.path);
  assert.equal(existsSync(cgroup.path), false);
});

testWith(["linux"], "when the guard itself is killed the target ends, and we hear of it", async () => {
  const marker = uniqueSleep();
  const running = await launchShell(`sleep ${marker} & sleep ${marker}`);
  await eventually("both are there", () => processesWith(`sleep\0${marker}`).length === 2);
  const guard = processesWith(marker).filter(pid => processesWith("--session").includes(pid));
  assert.equal(guard.length, 1);
  process.kill(guard[0] ?? 0, "SIGKILL");
  await assert.rejects(running.exited, /the guard of the target ended \(SIGKILL\)/);
  await running.gone;
  await eventually("both are gone", () => processesWith(marker).length === 0);
});

testWith(
  ["linux", "root", "program:setpriv"],
  "an ordinary user needs no more than his own rights",
  async t => {
    const marker = uniqueSleep();
    const temporary = temporaryFolder(t);
    const order: VictimOrder = { argv: ["sh", "-c", family(marker)], cgroup: false, ownSession: true };
    chmodSync(temporary, 0o1777);
    const child = spawn(
      "setpriv",
      [
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        process.execPath,
        path.join(import.meta.dirname, "victim.js"),
        JSON.stringify(order),
      ],
      { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, TMPDIR: temporary } },
    );
    t.after(() => child.kill("SIGKILL"));
    await eventually("the family is there", () => processesWith(`sleep\0${marker}`).length === 4);
    child.kill("SIGKILL");
    await eventually("all processes are gone", () => processesWith(marker).length === 0);
  },
);

testWith(
  ["linux"],
  "after SIGKILL to us no call of the target is answered, not even with ENOSYS",
  async t => {
    const temporary = temporaryFolder(t);
    const log = path.join(temporary, "log");
    const number = syscallByName("x86_64", "mkdir")?.number ?? -1;
    const filter = Buffer.from(only(number, RET.notify, RET.allow)).toString("hex");
    const line = `export LC_ALL=C; while :; do mkdir /nowhere/x 2>> ${log}; done`;
    for (let round = 0; round < 5; round++) {
      const victim = await startVictim(t, temporary, { argv: ["sh", "-c", line], filter, supervised: true });
      await eventually(
        "it works",
        () => existsSync(log) && readFileSync(log, "utf8").split("\n").length > 20,
      );
      victim.process.kill("SIGKILL");
      await eventually("it is gone", () => processesWith(log).length === 0, 2000);
      const lines = new Set(readFileSync(log, "utf8").split("\n"));
      assert.deepEqual(
        [...lines],
        ["mkdir: cannot create directory '/nowhere/x': No such file or directory", ""],
      );
      rmSync(log);
    }
  },
);

testWith(["linux", "root"], "the cgroup goes even when the target is killed along with us", async t => {
  const temporary = temporaryFolder(t);
  for (let round = 0; round < 10; round++) {
    const victim = await startVictim(t, temporary, { cgroup: true, ownSession: false });
    const cgroup = victim.cgroup ?? "";
    assert.equal(existsSync(cgroup), true);
    process.kill(-(victim.process.pid ?? 0), "SIGKILL");
    await eventually("the cgroup is gone", () => !existsSync(cgroup), 2000);
  }
});
