import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Evidence, Observation } from "../../src/evidence/model.ts";
import { Playground } from "../support/cli.ts";
import { startDocker } from "../support/docker.ts";
import { callsOf, importRoot } from "../support/images.ts";
import { testWith } from "../support/needs.ts";
import { makeRoot } from "../support/rootfs.ts";
import { eventually } from "../support/target.ts";

/** What each container does all the time, and the call that only it makes. */
const CONTAINERS = [
  { name: "maker", command: "/bin/busybox mkdir -p /tmp/made", call: "mkdir", options: [] },
  { name: "linker", command: "/bin/busybox ln -sf a /tmp/link", call: "symlink", options: [] },
  {
    name: "open",
    command: "/bin/busybox sync",
    call: "sync",
    options: ["--security-opt", "seccomp=unconfined"],
  },
] as const;

function program(seen: Observation): boolean {
  return seen.executable?.endsWith("/bin/busybox") === true;
}

testWith(
  ["root", "docker"],
  "record --container of Docker: several at once, by name and by id, for a time; docker exec counts where it was",
  async context => {
    const play = new Playground(context);
    const docker = await startDocker();
    try {
      const root = makeRoot(play.subfolder("root"), { programs: ["/bin/busybox"] });
      const image = importRoot(docker, root, "seccraft-busy");
      const [, linker = "", open = ""] = CONTAINERS.map(({ name, command, options }) => {
        const loop = `while :; do ${command}; /bin/busybox sleep 0.1; done`;
        const run = ["run", "-d", "--name", name, ...options, image];
        return docker.run([...run, "/bin/busybox", "sh", "-c", loop]);
      });
      const wanted = ["maker", linker.slice(0, 12), open].flatMap(name => ["--container", name]);
      const started = performance.now();
      const recording = play.start(["record", "--out", play.path("out"), "--duration", "5s", ...wanted], {
        env: { DOCKER_HOST: docker.host },
      });
      await eventually("it records", () => /recording 3/.test(recording.stderr()), 20_000);
      docker.run(["exec", "linker", "/bin/busybox", "truncate", "-s", "9", "/tmp/made-by-exec"]);
      docker.run(["exec", "open", "/bin/busybox", "truncate", "-s", "9", "/tmp/made-by-exec"]);
      const ended = await recording.ended;
      assert.equal(ended.code, 0, ended.stderr);
      assert.ok(performance.now() - started >= 5000);
      const evidenceOf = (name: string): Evidence =>
        JSON.parse(readFileSync(play.path(`out/${name}.evidence.json`), "utf8")) as Evidence;
      for (const { name, call } of CONTAINERS) {
        const evidence = evidenceOf(name);
        assert.equal(evidence.runs[0]?.target.kind, "container");
        const made = callsOf(evidence, seen => program(seen) && seen.entry === undefined);
        assert.deepEqual(
          CONTAINERS.map(each => each.call).filter(each => made.includes(each)),
          [call],
        );
        const changed = evidence.observations.filter(seen => seen.syscall === "ftruncate");
        // Where no filter is loaded nothing tells who entered.
        const entry = { maker: [], linker: ["exec"], open: [undefined] }[name];
        assert.deepEqual(
          changed.map(seen => seen.entry),
          entry,
          name,
        );
        // The runtime's own work before the filter is not the container's.
        if (name === "linker")
          assert.ok(callsOf(evidence, seen => seen.label === "container-runtime").length > 0);
        const runtime = callsOf(evidence, seen => !program(seen) && seen.label === undefined);
        if (name !== "open") assert.deepEqual(runtime, [], name);
      }
      assert.equal(docker.run(["ps", "-q"]).split("\n").length, 3, "they run on");
      docker.run(["rm", "-f", ...CONTAINERS.map(({ name }) => name)]);
    } finally {
      await docker.stop();
    }
    await play.clean();
  },
);
