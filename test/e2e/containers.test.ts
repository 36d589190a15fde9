import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { after, before } from "node:test";
import { acceptedBy } from "../../src/profile/policies.ts";
import { Playground } from "../support/cli.ts";
import { startDocker, type TestDocker } from "../support/docker.ts";
import {
  allowedNames,
  answersHttp,
  buildWeb,
  callsOf,
  craftedEvidence,
  craftImage,
  GET_BOTH,
  IMAGE_NEEDS,
  importRoot,
  servesUnderProfile,
} from "../support/images.ts";
import { testWith } from "../support/needs.ts";
import { makeRoot } from "../support/rootfs.ts";
import { fillRoot, IMAGE_SERVERS } from "../support/servers.ts";
import { eventually } from "../support/target.ts";

const NEEDS = IMAGE_NEEDS;
let docker: TestDocker | undefined;

before(async () => {
  if (process.getuid?.() !== 0 || !existsSync("/usr/sbin/dockerd")) return;
  docker = await startDocker();
});
after(async () => await docker?.stop());

function engine(): TestDocker {
  if (docker === undefined) throw new Error("there is no Docker Engine");
  return docker;
}

testWith(
  NEEDS,
  "the Go web server from scratch: a profile of at most 60 calls, under which docker run serves",
  async context => {
    const playground = new Playground(context);
    const image = buildWeb(engine(), playground);
    const { stderr } = await craftImage(engine(), playground, [
      "--image",
      image,
      "--ready",
      "tcp:8088",
      "--exercise",
      GET_BOTH,
    ]);
    const names = allowedNames(playground);
    assert.ok(names.length <= 60, `${names.length} calls`);
    const observed = acceptedBy(craftedEvidence(playground), "observed");
    const own = callsOf(observed, seen => seen.executable === "/web");
    for (const name of ["accept4", "listen", "epoll_pwait", "getsockname"])
      assert.ok(own.includes(name), name);
    for (const name of ["epoll_create", "pipe", "epoll_wait"])
      assert.equal(names.includes(name), own.includes(name));
    // Set-up that comes before the filter is not the target's.
    for (const name of ["mount", "pivot_root", "unshare", "setns"]) assert.ok(!names.includes(name), name);
    const runtime = callsOf(observed, seen => seen.label === "container-runtime");
    for (const name of ["execve", "capset", "setgroups"]) assert.ok(runtime.includes(name), name);
    assert.match(stderr, /enforced: worked under the real filter/);
    assert.match(
      stderr.replaceAll(/\s+/g, " "),
      /for the container runtime alone, .*\(\d+\): .*capget capset /,
    );
    await servesUnderProfile(engine(), playground, [image], answersHttp("8088/hello", "8088/headers"));
    await servesUnderProfile(
      engine(),
      playground,
      ["--cap-drop", "ALL", "--security-opt", "no-new-privileges", image],
      answersHttp("8088/hello"),
    );
    assert.equal(engine().run(["ps", "-aq"]), "");
    await playground.clean();
  },
);

testWith(NEEDS, "the same from an archive by runc alone", async context => {
  const playground = new Playground(context);
  const file = playground.path("web.tar");
  engine().run(["save", "-o", file, buildWeb(engine(), playground)]);
  await craftImage(engine(), playground, [
    "--image",
    file,
    "--ready",
    "http:8088/hello",
    "--exercise",
    GET_BOTH,
  ]);
  assert.ok(allowedNames(playground).length <= 60);
  await servesUnderProfile(engine(), playground, ["seccraft-web"], answersHttp("8088/hello", "8088/headers"));
  await playground.clean();
});

/** Seconds of the steps whose lines match, by what craft printed. */
function stepSeconds(stderr: string, step: RegExp): number[] {
  return stderr
    .split("\n")
    .filter(line => line.startsWith("✔ ") && step.test(line))
    .map(line => Number(/\((?<seconds>[\d.]+) s\)$/.exec(line)?.groups?.["seconds"]));
}

for (const server of IMAGE_SERVERS) {
  const { name, needs, command, options, ready, exercise, large } = server;
  // bench/images has all of them; the first is what the tests above are about.
  if (name === "Java server" || name === "Go web server from scratch") continue;
  testWith(
    [...NEEDS, ...needs],
    `${name}: crafted by runc and by Docker, served by docker run`,
    async context => {
      const playground = new Playground(context);
      const root = fillRoot(playground.subfolder("root"), server);
      const image = importRoot(engine(), root, "seccraft-server");
      for (const source of large ? [`${root}/`] : [`${root}/`, image]) {
        const { stderr } = await craftImage(engine(), playground, [
          "--image",
          source,
          "--ready",
          ready,
          "--exercise",
          exercise,
          ...options,
          // What takes long is done once, with small programs.
          ...(large || source === image ? ["--no-analyze"] : []),
          "--",
          ...command,
        ]);
        const rounds = stepSeconds(stderr, /verifying/);
        assert.ok(rounds.length <= 3, stderr);
        const [bare = 0] = stepSeconds(stderr, /enforcing/);
        // Tests run side by side: bench/images says what a round takes on a machine of its own.
        for (const seconds of rounds) assert.ok(seconds < 6 * bare + 5, stderr);
        await servesUnderProfile(
          engine(),
          playground,
          [image, ...command],
          address =>
            spawnSync("sh", ["-c", exercise], { env: { ...process.env, SECCRAFT_ADDRESS: address } })
              .status === 0,
        );
      }
      engine().run(["rmi", image]);
      await playground.clean();
    },
  );
}

testWith(
  NEEDS,
  "what a profile lacks is named in the verify step, the runtime's calls too",
  async context => {
    const { verifyContainer } = await import("../../src/craft/containers.ts");
    const { runcEngine } = await import("../../src/engine/runc/runc.ts");
    const { CONTAINER_DEFAULTS } = await import("../../src/engine/container.ts");
    const { ebpfRecorder } = await import("../../src/record/ebpf/recorder.ts");
    const { openRunFolder } = await import("../../src/linux/runfolder.ts");
    const { parseProfile } = await import("../../src/profile/parse.ts");
    const { parseReady } = await import("../../src/engine/ready.ts");
    const playground = new Playground(context);
    const file = playground.path("web.tar");
    engine().run(["save", "-o", file, buildWeb(engine(), playground)]);
    await craftImage(engine(), playground, ["--image", file, "--ready", "tcp:8088", "--exercise", GET_BOTH]);
    const profile = JSON.parse(readFileSync(playground.path("out/profile.json"), "utf8")) as {
      syscalls: { names: string[] }[];
    };
    const { folder } = await openRunFolder();
    try {
      const { engine: runc } = await runcEngine({ ...CONTAINER_DEFAULTS, image: file }, folder);
      const denied = async (...missing: string[]): Promise<string[]> => {
        const syscalls = profile.syscalls.map(rule => ({
          ...rule,
          names: rule.names.filter(name => !missing.includes(name)),
        }));
        const document = parseProfile(JSON.stringify({ ...profile, syscalls }), "profile.json");
        const workload = {
          argv: [],
          ready: parseReady("tcp:8088"),
          exercises: [GET_BOTH],
          timeoutMs: 5000,
          expectedExit: undefined,
        };
        const verified = await verifyContainer(
          { workload, engine: runc, recorder: ebpfRecorder, folder },
          document,
          0.3,
        );
        return [...new Set(verified.denials.map(denial => denial.syscall))].sort();
      };
      assert.deepEqual(await denied(), []);
      assert.ok((await denied("getsockname")).includes("getsockname"));
      assert.ok((await denied("listen")).includes("listen"));
      // The container does not even start without it.
      assert.ok((await denied("execve")).includes("execve"));
    } finally {
      await folder.close();
    }
  },
);

testWith(
  NEEDS,
  "a container that lives a moment, again and again: each recorded completely",
  async context => {
    const playground = new Playground(context);
    const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
    await craftImage(engine(), playground, [
      "--image",
      `${root}/`,
      "--runs",
      "10",
      "--",
      "/bin/busybox",
      "true",
    ]);
    const all = craftedEvidence(playground);
    const runs = all.runs.filter(run => run.purpose === "observe");
    assert.equal(runs.length, 10);
    const sets = runs.map(run =>
      callsOf(all, seen => seen.run === run.id && seen.executable === "/bin/busybox").join(" "),
    );
    assert.ok(sets[0]?.includes("exit_group"));
    assert.equal(new Set(sets).size, 1, sets.join("\n"));
    await playground.clean();
  },
);

testWith(NEEDS, "docker exec counts, and is told apart", async context => {
  const playground = new Playground(context);
  const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
  importRoot(engine(), root, "seccraft-busy");
  const exercise = `docker -H ${engine().host} exec $SECCRAFT_CONTAINER /bin/busybox mkdir /tmp/made`;
  await craftImage(engine(), playground, [
    "--image",
    "seccraft-busy",
    "--ready",
    "delay:100ms",
    "--exercise",
    exercise,
    "--",
    "/bin/busybox",
    "sleep",
    "100",
  ]);
  const all = acceptedBy(craftedEvidence(playground), "observed");
  assert.ok(callsOf(all, seen => seen.entry === "exec").includes("mkdir"));
  assert.ok(!callsOf(all, seen => seen.entry === undefined).includes("mkdir"));
  assert.ok(allowedNames(playground).includes("mkdir"));
  await playground.clean();
});

/** The busybox image with a health check. */
function buildChecked(docker: TestDocker, playground: Playground, check: readonly string[]): string {
  const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
  importRoot(docker, root, "seccraft-busy");
  const folder = playground.subfolder("checked");
  writeFileSync(
    `${folder}/Dockerfile`,
    `FROM seccraft-busy\nHEALTHCHECK --interval=30s CMD ${JSON.stringify(check)}\nCMD ["/bin/busybox","sleep","100"]\n`,
  );
  docker.run(["build", "-q", "-t", "seccraft-checked", folder]);
  return "seccraft-checked";
}

testWith(
  NEEDS,
  "an image's health check is made, counts, and is told apart; docker run is healthy under the profile",
  async context => {
    const playground = new Playground(context);
    const image = buildChecked(engine(), playground, ["/bin/busybox", "mkdir", "-p", "/tmp/checked"]);
    const quick = ["--no-analyze", "--ready", "delay:10ms"];
    for (const by of ["docker", "runc"]) {
      const { stderr } = await craftImage(engine(), playground, ["--image", image, "--engine", by, ...quick]);
      const all = acceptedBy(craftedEvidence(playground), "observed");
      const checked = callsOf(all, seen => seen.entry === "exec" && seen.executable === "/bin/busybox");
      assert.ok(checked.includes("mkdir"), by);
      assert.ok(!callsOf(all, seen => seen.entry === undefined).includes("mkdir"), by);
      assert.ok(callsOf(all, seen => seen.entry === undefined).includes("nanosleep"), by);
      assert.match(stderr, /only by exec and health checks \(\d+\):[^:]* mkdir/);
      assert.ok(allowedNames(playground).includes("mkdir"), by);
    }
    const profile = `seccomp=${playground.path("out/profile.json")}`;
    const id = engine().run(["run", "-d", "--security-opt", profile, "--health-interval", "200ms", image]);
    try {
      const status = (): string => engine().run(["inspect", "-f", "{{.State.Health.Status}}", id]);
      await eventually(`it is ${status()}`, () => status() === "healthy", 20_000);
    } finally {
      engine().run(["rm", "-f", id]);
    }
    const without = await craftImage(engine(), playground, ["--image", image, "--no-healthcheck", ...quick]);
    assert.ok(!allowedNames(playground).includes("mkdir"), without.stderr);
    await playground.clean();
  },
);

testWith(NEEDS, "a health check that does not succeed fails the run, with what it printed", async context => {
  const playground = new Playground(context);
  const image = buildChecked(engine(), playground, ["/bin/busybox", "ls", "/missing"]);
  for (const by of ["docker", "runc"]) {
    const ended = await playground.run(
      ["craft", "--image", image, "--engine", by, "--no-analyze", "--ready", "delay:10ms", "--timeout", "2s"],
      { env: { DOCKER_HOST: engine().host } },
    );
    assert.equal(ended.code, 1, ended.stderr);
    assert.match(ended.stderr, /health check does not succeed within 2 s; --no-healthcheck leaves it out/);
    assert.match(ended.stderr, /\/missing: No such file/);
  }
  assert.equal(engine().run(["ps", "-aq"]), "");
  await playground.clean();
});

testWith(
  NEEDS,
  "killed for good, its container is removed at the next start, which says so",
  async context => {
    const playground = new Playground(context);
    const image = buildWeb(engine(), playground);
    const env = { DOCKER_HOST: engine().host };
    const args = ["craft", "--image", image, "--ready", "tcp:8088", "--exercise", "sleep 60"];
    const leftovers = (): string[] =>
      [
        ["ps", "-aq"],
        ["images", "-aq"],
        ["network", "ls", "-q"],
        ["volume", "ls", "-q"],
      ].map(list => engine().run(list).split("\n").sort().join(" "));
    const before = leftovers();
    const started = playground.start(args, { env });
    await eventually("a container runs", () => engine().run(["ps", "-q"]) !== "");
    started.child.kill("SIGKILL");
    await started.ended;
    assert.notEqual(engine().run(["ps", "-q"]), "");
    const next = await playground.run(["craft", "--no-analyze", "--", "true"], { env });
    assert.equal(next.code, 0, next.stderr);
    assert.match(next.stderr, /container seccraft-/);
    assert.equal(engine().run(["ps", "-aq"]), "");
    assert.deepEqual(leftovers(), before);
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const interrupted = playground.start(args, { env });
      await eventually("a container runs", () => engine().run(["ps", "-q"]) !== "");
      interrupted.child.kill(signal);
      assert.equal((await interrupted.ended).code, 130);
      assert.deepEqual(leftovers(), before, signal);
    }
    const told =
      'test -d /proc/$SECCRAFT_PID && test -n "$SECCRAFT_ADDRESS" && test -n "$SECCRAFT_CONTAINER"';
    const failing = await playground.run([...args.slice(0, -1), `${told} && exit 7; exit 8`], { env });
    assert.equal(failing.code, 1, failing.stderr);
    assert.match(failing.stderr, /exit code 7/);
    assert.deepEqual(leftovers(), before, "an exercise that fails");
    await playground.clean();
  },
);

testWith(
  NEEDS,
  "an image that is not there, and a program that is not in it, are told in a line",
  async context => {
    const playground = new Playground(context);
    const env = { DOCKER_HOST: engine().host };
    const missing = await playground.run(["craft", "--image", "nobody/nothing"], { env });
    assert.equal(missing.code, 2, missing.stderr);
    assert.match(missing.stderr, /has no image nobody\/nothing/);
    const wrong = await playground.run(
      ["craft", "--image", buildWeb(engine(), playground), "--entrypoint", "/nothing"],
      { env },
    );
    assert.equal(wrong.code, 1, wrong.stderr);
    assert.match(wrong.stderr, /does not start.*no such file/);
    const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
    const byRunc = await playground.run(["craft", "--image", `${root}/`, "--", "no-such"]);
    assert.match(
      byRunc.stderr,
      /^seccraft: the container does not start.*: exec: "no-such": executable file not found in \$PATH\n$/m,
    );
    assert.doesNotMatch(byRunc.stderr, /it printed/);
    const unreachable = await playground.run(["craft", "--image", "x"], {
      env: { DOCKER_HOST: "unix:///nowhere.sock" },
    });
    assert.equal(unreachable.code, 3, unreachable.stderr);
    mkdirSync(playground.path("empty"));
    const empty = await playground.run(["craft", "--image", `${playground.path("empty")}/`], { env });
    assert.equal(empty.code, 2, empty.stderr);
    await playground.clean();
  },
);

testWith(NEEDS, "minimize --engine docker: docker run works under the result", async context => {
  const playground = new Playground(context);
  const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
  const image = importRoot(engine(), root, "seccraft-small");
  const command = ["/bin/busybox", "mkdir", "/made"];
  const ended = await playground.run(
    [
      "minimize",
      "--engine",
      "docker",
      "--image",
      image,
      "--network",
      "none",
      "-o",
      "p.json",
      "--",
      ...command,
    ],
    { env: { DOCKER_HOST: engine().host } },
  );
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(ended.stderr, /\n {2}mkdir {2}run \d+: it ended with exit code 1\n/);
  assert.match(ended.stderr, /it worked in 3 of 3 runs under the real filter/);
  engine().run(["run", "--rm", "--security-opt", `seccomp=${playground.path("p.json")}`, image, ...command]);
  assert.equal(engine().run(["ps", "-aq"]), "");
  engine().run(["rmi", image]);
  rmSync(playground.path("seccraft-minimize"), { recursive: true });
  await playground.clean();
});
