import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { after, before } from "node:test";
import type { Evidence } from "../../src/evidence/model.ts";
import { Playground, PROGRAM, type Ended, type Started } from "../support/cli.ts";
import { testWith, type Need } from "../support/needs.ts";
import { compileProgram } from "../support/programs.ts";
import { eventually, uniqueSleep } from "../support/target.ts";
import { atDefaults, lockThrottles, throttleValues } from "../support/throttles.ts";

const NEEDS: readonly Need[] = ["root", "program:auditctl", "program:gcc"];
/** What `many 250` calls, besides its start: testdata/programs/many.c */
const [KINDS, ROUNDS] = [200, 250];

let unlock: (() => void) | undefined;
before(async () => {
  unlock = await lockThrottles();
});
after(() => unlock?.());

function evidenceOf(play: Playground, name = "evidence.json"): Evidence {
  return JSON.parse(readFileSync(play.path(name), "utf8")) as Evidence;
}

function lostOf({ gaps }: Evidence): number {
  return gaps.filter(gap => gap.kind === "lost-events").reduce((sum, gap) => sum + (gap.count ?? 1), 0);
}

function seenOf({ observations }: Evidence): number {
  return observations.reduce((sum, seen) => sum + (seen.count ?? 0), 0);
}

async function recordMany(
  play: Playground,
  rounds: number,
  options: readonly string[],
): Promise<{ evidence: Evidence; ended: Ended }> {
  const program = compileProgram(play.folder, "many");
  const ended = await play.run([
    "record",
    "--recorder",
    "complain",
    "--evidence",
    play.path("evidence.json"),
    "-o",
    play.path("p.json"),
    ...options,
    "--",
    program,
    String(rounds),
  ]);
  assert.equal(ended.code, 0, ended.stderr);
  return { evidence: evidenceOf(play), ended };
}

testWith([...NEEDS, "program:script"], "the live view shows how many calls a second come", async context => {
  const play = new Playground(context);
  const target = `/bin/sh -c 'timeout 1.2 sh -c "while :; do : < /dev/null; done"; true'`;
  const record = `${process.execPath} ${PROGRAM} record --recorder complain -o ${play.path("p.json")}`;
  const log = play.path("screen");
  const ended = await play.run(["-qec", `stty cols 80 rows 24; ${record} --ready exit -- ${target}`, log], {
    command: ["script"],
    env: { TERM: "xterm" },
  });
  assert.equal(ended.code, 0, readFileSync(log, "utf8"));
  const rates = [...readFileSync(log, "utf8").matchAll(/calls, ([\d,]+) a second/g)].map(match =>
    Number(match[1]?.replaceAll(",", "")),
  );
  assert.ok(Math.max(...rates) > 100, `calls a second: ${rates.join(" ")}`);
});

testWith(NEEDS, "with throttles at their defaults the loss is found and said", async context => {
  atDefaults(context);
  const play = new Playground(context);
  const { evidence, ended } = await recordMany(play, 5, ["--source", "kernel-log", "--no-prepare"]);
  const called = 5 * KINDS;
  assert.ok(seenOf(evidence) < called / 2, `${seenOf(evidence)} of ${called} came`);
  // Where others log as well, even the last record of all may be dropped, and nobody can count what was before it.
  const open = evidence.gaps.some(gap => gap.reason.includes("still throttled at the end"));
  const lost = lostOf(evidence);
  assert.ok(
    open || seenOf(evidence) + lost >= called,
    `${seenOf(evidence)} came, ${lost} are said to be lost`,
  );
  assert.match(ended.stderr, /gap: .*(?:printk_ratelimit|throttled).*; run `seccraft complain prepare`/);
});

testWith(
  NEEDS,
  "status tells what throttles here, and that the usual advice has no part in it",
  async context => {
    atDefaults(context);
    const play = new Playground(context);
    const { stdout } = await play.run(["complain", "status", "--probe", "--json"]);
    const status = JSON.parse(stdout) as {
      throttles: { name: string; loses: string; wanted?: string }[];
      probe: { logged: number; arrived: { audit: number; "kernel-log": number } };
    };
    const named = (name: string): unknown => status.throttles.find(each => each.name === name);
    assert.deepEqual(
      { ...(named("kernel.printk_ratelimit") as object), why: "" },
      { name: "kernel.printk_ratelimit", value: "5", loses: "yes", why: "", wanted: "0" },
    );
    assert.equal((named("net.core.message_cost") as { loses: string }).loses, "never");
    assert.equal((named("kernel.printk_devkmsg") as { loses: string }).loses, "never");
    // Measured, not believed.
    assert.equal(status.probe.arrived.audit, status.probe.logged);
    assert.ok(status.probe.arrived["kernel-log"] <= 10, JSON.stringify(status.probe));
  },
);

testWith(
  NEEDS,
  "without a limit a burst of 50,000 calls of 200 kinds is complete by audit's socket",
  async context => {
    atDefaults(context);
    const play = new Playground(context);
    const { evidence, ended } = await recordMany(play, ROUNDS, ["--source", "audit"]);
    assert.equal(lostOf(evidence), 0, ended.stderr);
    const whole = evidence.observations.filter(seen => (seen.count ?? 0) >= ROUNDS);
    assert.equal(whole.length, KINDS);
    assert.match(ended.stderr, /throttles are off: kernel\.printk_ratelimit \(5 → 0\)/);
    assert.match(ended.stderr, /throttles are restored: kernel\.printk_ratelimit \(5\)/);
  },
);

testWith(
  NEEDS,
  "the same by the kernel's ring buffer is complete, or the loss is said to the last record",
  async context => {
    atDefaults(context);
    const play = new Playground(context);
    const { evidence, ended } = await recordMany(play, ROUNDS, ["--source", "kernel-log"]);
    const [seen, lost] = [seenOf(evidence), lostOf(evidence)];
    assert.ok(seen + lost >= KINDS * ROUNDS, `${seen} came, ${lost} are said to be lost`);
    if (lost > 0) assert.match(ended.stderr, /gap: the kernel's ring buffer was overwritten/);
    context.diagnostic(`${seen} came, ${lost} are said to be lost`);
  },
);

/** A command eight times, and once in the background of another shell. */
function loop(command: string): string {
  return `for i in 1 2 3 4 5 6 7 8; do ${command}; done; sh -c '(${command}) & wait'`;
}

testWith(
  NEEDS,
  "two recordings at once keep their targets apart, children and daemons included",
  async context => {
    atDefaults(context);
    const play = new Playground(context);
    const record = (name: string, script: string): Promise<Ended> =>
      play.run([
        "record",
        "--recorder",
        "complain",
        "--evidence",
        play.path(name),
        "-o",
        play.path(`${name}.p`),
        "--",
        "sh",
        "-c",
        script,
      ]);
    const ended = await Promise.all([
      record("a", loop(`mkdir ${play.path("d")} 2>/dev/null`)),
      record("b", loop(`rmdir ${play.path("none")} 2>/dev/null`)),
    ]);
    assert.deepEqual(
      ended.map(({ code }) => code),
      [0, 0],
      ended.map(({ stderr }) => stderr).join(),
    );
    const [a, b] = ["a", "b"].map(
      name => new Set(evidenceOf(play, name).observations.map(seen => seen.syscall)),
    );
    assert.ok(a?.has("mkdir") && !a.has("rmdir"), [...(a ?? [])].join(" "));
    assert.ok(b?.has("rmdir") && !b.has("mkdir"), [...(b ?? [])].join(" "));
    const mkdir = evidenceOf(play, "a").observations.find(seen => seen.syscall === "mkdir");
    assert.equal(mkdir?.count, 9);
  },
);

/** A recording in complain mode of something that stays, with the throttles off. */
async function startHolding(play: Playground): Promise<Started> {
  const started = play.start([
    "record",
    "--recorder",
    "complain",
    "-o",
    play.path("p.json"),
    "--",
    "sh",
    "-c",
    `echo > ${play.path("started")}; exec sleep ${uniqueSleep()}`,
  ]);
  await eventually(`it runs: ${started.stderr()}`, () => existsSync(play.path("started")), 20_000);
  assert.equal(throttleValues().printk, "0");
  assert.equal(throttleValues().backlog, "65536");
  return started;
}

testWith(NEEDS, "throttles are restored after ^C", async context => {
  atDefaults(context);
  const play = new Playground(context);
  const before = throttleValues();
  const started = await startHolding(play);
  process.kill(started.pid, "SIGINT");
  assert.equal((await started.ended).code, 130);
  assert.deepEqual(throttleValues(), before);
  assert.ok(!existsSync("/run/seccraft"));
  await play.clean();
});

testWith(NEEDS, "throttles are restored after SIGKILL at the next start, which says so", async context => {
  atDefaults(context);
  writeFileSync("/proc/sys/kernel/seccomp/actions_logged", "kill_process errno");
  const play = new Playground(context);
  const before = throttleValues();
  // Any start of seccraft on this machine restores, that of another test as well: then we try again.
  let said = "";
  for (let attempt = 0; attempt < 4 && said === ""; attempt++) {
    const started = await startHolding(play);
    assert.match(throttleValues().logged, /\blog\b/);
    process.kill(started.pid, "SIGKILL");
    await started.ended;
    const next = await play.run(["record", "--format", "names", "--", "/bin/true"]);
    assert.equal(next.code, 0);
    assert.deepEqual(throttleValues(), before);
    said = /after a run that was killed, (throttles are restored: .*)/.exec(next.stderr)?.[1] ?? "";
    rmSync(play.path("started"));
  }
  assert.equal(
    said,
    "throttles are restored: kernel.seccomp.actions_logged (kill_process errno), kernel.printk_ratelimit (5), audit backlog_limit (64)",
  );
  assert.deepEqual(throttleValues(), before);
  assert.ok(!existsSync("/run/seccraft"));
  await play.clean();
});

testWith(
  NEEDS,
  "the last who needs it restores, be it a user, and somebody else's change is left alone",
  async context => {
    atDefaults(context);
    const play = new Playground(context);
    const prepared = await play.run(["complain", "prepare"]);
    assert.equal(prepared.code, 0, prepared.stderr);
    assert.match(
      prepared.stdout,
      /before: measured: of 200 logged calls, (?:10|\d) reached the kernel's log/,
    );
    assert.match(
      prepared.stdout,
      /after: measured: of 200 logged calls, 200 reached the kernel's log, 200 audit's socket/,
    );
    const started = await startHolding(play);
    process.kill(started.pid, "SIGINT");
    await started.ended;
    assert.equal(throttleValues().printk, "0");
    writeFileSync("/proc/sys/kernel/printk_ratelimit", "7");
    const restored = await play.run(["complain", "restore"]);
    assert.match(
      restored.stdout,
      /restored: audit backlog_limit \(64\)\nkernel\.printk_ratelimit was changed by somebody else/,
    );
    assert.equal(throttleValues().printk, "7");
    assert.equal((await play.run(["complain", "restore"])).stdout, "nothing was changed\n");
  },
);

testWith(
  [...NEEDS, "program:auditd"],
  "with auditd the records go to it, and audit's socket has them all",
  async context => {
    atDefaults(context);
    const play = new Playground(context);
    await startAuditd(context, play.subfolder("auditd"));
    const status = await play.run(["complain", "status"]);
    assert.match(status.stdout, /auditd runs \(process \d+\)/);
    assert.match(status.stdout, /kernel\.printk_ratelimit +5\n +auditd takes the records/);
    const { evidence } = await recordMany(play, 50, []);
    assert.equal(lostOf(evidence), 0);
    assert.equal(evidence.runs[0]?.source, "audit");
    assert.equal(evidence.observations.filter(seen => (seen.count ?? 0) >= 50).length, KINDS);
    const ring = await play.run(["record", "--source", "kernel-log", "--", "/bin/true"]);
    assert.equal(ring.code, 3);
    assert.match(ring.stderr, /auditd takes the records[^]*--source audit/);
  },
);

function hasAuditd(): boolean {
  return !/\npid 0\n/.test(spawnSync("auditctl", ["-s"], { encoding: "utf8" }).stdout);
}

/** An audit daemon with files of its own. */
async function startAuditd(context: { after(body: () => void): void }, folder: string): Promise<void> {
  mkdirSync(path.join(folder, "plugins"));
  const settings = {
    log_file: path.join(folder, "audit.log"),
    log_group: "root",
    flush: "NONE",
    max_log_file: 100,
    plugin_dir: path.join(folder, "plugins"),
    ...Object.fromEntries(
      ["max_log_file", "space_left", "admin_space_left", "disk_full", "disk_error", "overflow"].map(name => [
        `${name}_action`,
        "IGNORE",
      ]),
    ),
    space_left: 75,
    admin_space_left: 50,
  };
  const text = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  writeFileSync(path.join(folder, "auditd.conf"), text.join(""), { mode: 0o640 });
  const enabled = /enabled (\d)/.exec(spawnSync("auditctl", ["-s"], { encoding: "utf8" }).stdout)?.[1] ?? "0";
  const daemon = spawn("auditd", ["-f", "-c", folder], { stdio: "ignore" });
  context.after(() => {
    daemon.kill("SIGTERM");
    for (let i = 0; i < 100 && hasAuditd(); i++) spawnSync("sleep", ["0.05"]);
    spawnSync("auditctl", ["-e", enabled]);
  });
  await eventually("auditd runs", () => hasAuditd());
}

testWith(NEEDS, "as an ordinary user, and for what runs already, it says what it needs", async context => {
  const play = new Playground(context);
  const command = ["setpriv", "--reuid=1000", "--clear-groups", process.execPath, "bin/seccraft.js"];
  for (const args of [
    ["complain", "prepare"],
    ["record", "--recorder", "complain", "--", "/bin/true"],
  ]) {
    const ended = await play.run(args, { command, cwd: process.cwd() });
    assert.equal(ended.code, 3, ended.stderr);
    assert.match(ended.stderr, /root/);
  }
  const running = await play.run(["record", "--recorder", "complain", "--pid", String(process.pid)]);
  assert.equal(running.code, 2);
  assert.match(running.stderr, /import --follow/);
});
