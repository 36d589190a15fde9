import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { after, before } from "node:test";
import type { Evidence } from "../../src/evidence/model.ts";
import { Playground, PROGRAM } from "../support/cli.ts";
import { testWith, type Need } from "../support/needs.ts";
import { makeRoot } from "../support/rootfs.ts";
import { RuncContainers } from "../support/runc.ts";
import { eventually } from "../support/target.ts";
import { atDefaults, DEFAULTS, lockThrottles, throttleValues } from "../support/throttles.ts";

const NEEDS: readonly Need[] = ["root", "program:auditctl", "program:gcc"];

let unlock: (() => void) | undefined;
before(async () => {
  unlock = await lockThrottles();
});
after(() => unlock?.());

function evidenceOf(play: Playground, name = "evidence.json"): Evidence {
  return JSON.parse(readFileSync(play.path(name), "utf8")) as Evidence;
}

testWith(
  [...NEEDS, "program:runc"],
  "a container under the complain profile is followed in the kernel's log, and told from another one",
  async context => {
    atDefaults(context);
    const play = new Playground(context);
    assert.equal((await play.run(["complain", "prepare"])).code, 0);
    context.after(() => void spawnSync(process.execPath, [PROGRAM, "complain", "restore"]));
    const profile = JSON.parse((await play.run(["complain", "profile"])).stdout) as object;
    const containers = new RuncContainers(play.subfolder("runc"), `sctest-complain-${process.pid}`);
    context.after(async () => await containers.close());
    // times(2) and sysinfo(2)
    containers.start("web", 100, profile);
    containers.start("db", 99, profile);
    const following = play.start([
      "import",
      "--follow",
      "--container",
      `${containers.cgroup}/web`,
      "--evidence",
      play.path("web.json"),
      "/dev/kmsg",
    ]);
    await eventually(`it is seen: ${following.stderr()}`, () => /^times\t/m.test(following.stdout()), 20_000);
    process.kill(following.pid, "SIGINT");
    assert.equal((await following.ended).code, 0);
    const seen = new Set(evidenceOf(play, "web.json").observations.map(each => each.syscall));
    assert.ok(seen.has("times") && seen.has("clock_nanosleep") && !seen.has("sysinfo"), [...seen].join(" "));
  },
);

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
}

function allowedBy(file: string): Set<string> {
  const { syscalls } = JSON.parse(readFileSync(file, "utf8")) as { syscalls: readonly Rule[] };
  return new Set(syscalls.filter(rule => rule.action === "SCMP_ACT_ALLOW").flatMap(rule => rule.names));
}

testWith(
  NEEDS,
  "the classic loop: logs and adds until it is quiet, then enforces, and restores every throttle",
  async context => {
    atDefaults(context);
    const play = new Playground(context);
    const count = play.path("count");
    // Something else in the first, the second and every later run.
    const script = `n=$(cat ${count} 2>/dev/null || echo 0); echo $((n + 1)) > ${count}
    [ $n -gt 0 ] && mkdir -p ${play.path("made")}; [ $n -gt 1 ] && ln -sf x ${play.path("link")}; exit 0`;
    const ended = await play.run([
      "craft",
      "--recorder",
      "complain",
      "--no-analyze",
      "--out",
      play.path("out"),
      "--",
      "sh",
      "-c",
      script,
    ]);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /round 1: [1-9]\d* more needed: .*mkdir/);
    assert.match(ended.stderr, /round 2: [1-9]\d* more needed: .*symlinkat/);
    assert.match(ended.stderr, /round \d: nothing logged/);
    assert.match(ended.stderr, /throttles are restored/);
    const allowed = allowedBy(play.path("out/profile.json"));
    assert.ok(allowed.has("mkdir") && allowed.has("symlinkat") && !allowed.has("rmdir"));
    assert.equal(throttleValues().printk, DEFAULTS.printk);
    await play.clean();
  },
);

testWith(
  [...NEEDS, "program:runc"],
  "the classic loop for an image: runc's own calls are labelled, and the profile holds under runc",
  async context => {
    atDefaults(context);
    const play = new Playground(context);
    makeRoot(play.path("root"), { programs: ["/bin/busybox"] });
    const ended = await play.run([
      "craft",
      "--recorder",
      "complain",
      "--no-analyze",
      "--out",
      play.path("out"),
      "--image",
      play.path("root"),
      "--",
      "/bin/busybox",
      "sh",
      "-c",
      "echo hello; /bin/busybox ls / > /dev/null",
    ]);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /enforced: worked under the real filter/);
    const evidence = evidenceOf(play, "out/evidence.json");
    const runtime = evidence.observations.filter(seen => seen.label === "container-runtime");
    assert.ok(runtime.some(seen => seen.syscall === "execve" && seen.phase === "runtime"));
    assert.ok(
      evidence.observations.some(
        seen => seen.executable?.endsWith("/busybox") && seen.syscall === "getdents64",
      ),
    );
    assert.ok(evidence.gaps.some(gap => gap.kind === "capabilities-unseen"));
    // What comes before the filter is not the target's.
    assert.ok(!evidence.observations.some(seen => ["mount", "pivot_root"].includes(seen.syscall)));
    await play.clean();
  },
);
