import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { syscallByName } from "../../src/abi/syscalls.ts";
import type { Evidence } from "../../src/evidence/model.ts";
import { Playground } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";
import { RuncContainers } from "../support/runc.ts";
import { eventually } from "../support/target.ts";

/** One for each container; no C library and no runtime makes them by itself. */
const CALLS = (
  "times sysinfo getpgid getsid getpriority sched_get_priority_max msync flock sched_get_priority_min inotify_rm_watch " +
  "timer_getoverrun timer_delete mq_getsetattr io_destroy getrusage fdatasync munlock capget readahead sched_rr_get_interval"
).split(" ");
/** Of containers that nobody asked for. */
const OTHERS = ["fsync", "getitimer", "mq_notify", "timer_gettime"];

function numberOf(name: string): number {
  const call = syscallByName("x86_64", name);
  if (call === undefined) throw new Error(`there is no ${name}`);
  return call.number;
}

function evidenceOf(play: Playground, name: string): Evidence {
  return JSON.parse(readFileSync(path.join(play.path("out"), `${name}.evidence.json`), "utf8")) as Evidence;
}

testWith(
  ["root", "program:runc", "program:gcc"],
  "20 containers recorded at once, started and stopped in between: no call goes to the wrong one",
  async context => {
    const play = new Playground(context);
    const containers = new RuncContainers(play.subfolder("runc"), `sctest-running-${process.pid}`);
    context.after(async () => await containers.close());
    CALLS.forEach((call, index) => containers.start(`c${index}`, numberOf(call)));
    const recording = play.start([
      "record",
      "--out",
      play.path("out"),
      "--runc-root",
      containers.states,
      ...CALLS.flatMap((_, index) => ["--container", `c${index}`]),
    ]);
    await eventually(
      `it records: ${recording.stderr()}`,
      () => /recording 20/.test(recording.stderr()),
      30_000,
    );
    // Half of them end; others start, some under the same names.
    for (let index = 0; index < 10; index++) containers.stop(`c${index}`);
    OTHERS.forEach((call, index) => containers.start(`c${index}-new`, numberOf(call)));
    await eventually(
      `those that ended are done: ${recording.stderr()}`,
      () => Array.from({ length: 10 }, (_, i) => existsSync(play.path(`out/c${i}.json`))).every(Boolean),
      30_000,
    );
    process.kill(recording.pid, "SIGINT");
    const ended = await recording.ended;
    assert.equal(ended.code, 0, ended.stderr);
    const all = new Set([...CALLS, ...OTHERS]);
    CALLS.forEach((call, index) => {
      const { observations, gaps, runs } = evidenceOf(play, `c${index}`);
      assert.deepEqual(runs[0]?.target, { kind: "container", id: `c${index}` });
      const seen = observations.filter(each => all.has(each.syscall));
      assert.deepEqual([...new Set(seen.map(each => each.syscall))], [call], `c${index}`);
      assert.ok(
        gaps.some(gap => gap.kind === "not-watched"),
        "what came before is named",
      );
    });
    await containers.close();
    await play.clean();
  },
);

testWith(
  ["root", "program:runc", "program:gcc"],
  "a container by its id, a cgroup by its path, for a time; children's cgroups count",
  async context => {
    const play = new Playground(context);
    const containers = new RuncContainers(play.subfolder("runc"), `sctest-one-${process.pid}`);
    context.after(async () => await containers.close());
    containers.start("web", numberOf("times"));
    containers.start("db", numberOf("getsid"));
    const one = await play.run([
      "record",
      "--container",
      "web",
      "--runc-root",
      containers.states,
      "--duration",
      "500ms",
      "--format",
      "names",
    ]);
    assert.equal(one.code, 0, one.stderr);
    assert.match(one.stdout, /^times$/m);
    assert.doesNotMatch(one.stdout, /getsid/);
    assert.match(one.stderr, /what it called before is not known/);
    // As Kubernetes writes it, without a slash in front.
    const parent = await play.run([
      "record",
      "--cgroup",
      containers.cgroup.slice(1),
      "--duration",
      "500ms",
      "--format",
      "names",
    ]);
    assert.match(parent.stdout, /^getsid$[^]*^times$/m);
    const none = await play.run(["record", "--container", "nobody"]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /no running container "nobody"/);
    const several = await play.run([
      "record",
      "--cgroup",
      containers.cgroup,
      "--cgroup",
      `${containers.cgroup}/web`,
    ]);
    assert.equal(several.code, 2);
    assert.match(several.stderr, /need --out DIR/);
  },
);
