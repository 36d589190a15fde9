import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { after, before } from "node:test";
import type { Evidence } from "../../src/evidence/model.ts";
import { Playground, PROGRAM } from "../support/cli.ts";
import { testWith, type Need } from "../support/needs.ts";
import { startDocker } from "../support/docker.ts";
import { importRoot } from "../support/images.ts";
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

testWith(
  [...NEEDS, "docker"],
  "the classic loop on Docker: told from other containers that log at the same time, with what enters by exec",
  async context => {
    atDefaults(context);
    const play = new Playground(context);
    const docker = await startDocker();
    try {
      const root = makeRoot(play.subfolder("root"), { programs: ["/bin/busybox"] });
      const image = importRoot(docker, root, "seccraft-busy");
      writeFileSync(play.path("complain.json"), (await play.run(["complain", "profile"])).stdout);
      // Others log calls of their own all the time: one that runs on, and one after another that lives a moment.
      const complain = ["--network", "none", "--security-opt", `seccomp=${play.path("complain.json")}`];
      const loop = "while :; do /bin/busybox sync; /bin/busybox sleep 0.05; done";
      docker.run(["run", "-d", "--name", "noise", ...complain, image, "/bin/busybox", "sh", "-c", loop]);
      const moment = `docker -H ${docker.host} run --rm ${complain.join(" ")} ${image} /bin/busybox chroot / /bin/busybox true`;
      const noise = spawn("sh", ["-c", `while ${moment}; do :; done`], { stdio: "ignore", detached: true });
      try {
        const exec = `docker -H ${docker.host} exec $SECCRAFT_CONTAINER /bin/busybox truncate -s 9 /tmp/made`;
        const script = "/bin/busybox mkdir /tmp/started; exec /bin/busybox sleep 100";
        const args = ["craft", "--recorder", "complain", "--no-analyze", "--image", image];
        const work = ["--ready", "delay:500ms", "--exercise", exec, "--", "/bin/busybox", "sh", "-c", script];
        const ended = await play.run([...args, "--out", play.path("out"), ...work], {
          env: { DOCKER_HOST: docker.host },
          timeoutMs: 120_000,
        });
        assert.equal(ended.code, 0, ended.stderr);
        assert.match(ended.stderr, /round \d: nothing logged/);
        assert.match(
          ended.stderr.replaceAll(/\s+/g, " "),
          /in complain mode: what the profile denies passes/,
        );
        assert.match(ended.stderr, /enforced: worked under the real filter/);
        assert.match(ended.stderr, /throttles are restored/);
      } finally {
        if (noise.pid !== undefined) process.kill(-noise.pid, "SIGKILL");
      }
      const { observations } = evidenceOf(play, "out/evidence.json");
      const seen = new Set(observations.map(each => each.syscall));
      for (const own of ["mkdir", "ftruncate", "clock_nanosleep"]) assert.ok(seen.has(own), own);
      for (const foreign of ["sync", "chroot"]) assert.ok(!seen.has(foreign), foreign);
      const runtime = observations.filter(each => each.label === "container-runtime");
      assert.ok(runtime.some(each => each.syscall === "execve" && each.phase === "runtime"));
      assert.equal(throttleValues().printk, DEFAULTS.printk);
      // One that has ended before anybody could look at it.
      const moments = await play.run(
        ["craft", "--recorder", "complain", "--no-analyze", "--image", image, "--", "/bin/busybox", "true"],
        { env: { DOCKER_HOST: docker.host } },
      );
      assert.equal(moments.code, 0, moments.stderr);
      assert.match(moments.stdout, /"exit_group"/);
      docker.run(["rm", "-f", ...docker.run(["ps", "-aq"]).split("\n")]);
    } finally {
      await docker.stop();
    }
    await play.clean();
  },
);
