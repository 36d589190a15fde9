import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { after, before } from "node:test";
import { compareText } from "../../src/evidence/canonical.ts";
import { buildGo, GO_1_19 } from "../static/go/build.ts";
import { Playground, PROGRAM } from "../support/cli.ts";
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

/** Runs seccraft; how long it took, and how much of the processors it and what it started itself used, in seconds. */
async function timed(
  playground: Playground,
  args: readonly string[],
): Promise<{ seconds: number; cpu: number }> {
  const started = performance.now();
  const file = playground.path("times");
  const ended = await playground.run(args, {
    command: ["/usr/bin/time", "-o", file, "-f", "%U %S", process.execPath, PROGRAM],
    env: { DOCKER_HOST: engine().host },
  });
  assert.equal(ended.code, 0, ended.stderr);
  const [user = 0, system = 0] = readFileSync(file, "utf8").trim().split(" ").map(Number);
  return { seconds: (performance.now() - started) / 1000, cpu: user + system };
}

const SERVE = ["--ready", "tcp:8088", "--exercise", GET_BOTH];

testWith(
  [...IMAGE_NEEDS, "file:/usr/bin/time"],
  "the Go web server's image from nothing to report: under 30 s, our own share under 8 s",
  async context => {
    const playground = new Playground(context);
    const image = buildWeb(engine(), playground);
    const out = playground.path("out");
    const crafted = await timed(playground, ["craft", "--out", out, "--image", image, ...SERVE]);
    const reported = await timed(playground, [
      "report",
      "--evidence",
      path.join(out, "evidence.json"),
      "-o",
      path.join(out, "report.html"),
    ]);
    assert.ok(readFileSync(path.join(out, "report.html"), "utf8").includes("epoll_pwait"));
    const seconds = crafted.seconds + reported.seconds;
    // The target's runs are the engine's; a busy machine stretches the time, and not the work.
    const own = crafted.cpu + reported.cpu;
    context.diagnostic(`${seconds.toFixed(1)} s, of which our own ${own.toFixed(1)} s`);
    assert.ok(seconds < 30, `${seconds} s`);
    assert.ok(own > 0 && own < 8, `own share ${own} s`);
    await playground.clean();
  },
);

testWith(IMAGE_NEEDS, "each policy tells what the others would allow, and why", async context => {
  const playground = new Playground(context);
  const image = buildWeb(engine(), playground);
  const sizes = new Map<string, number>();
  for (const policy of ["observed", "balanced", "static"]) {
    const args = ["--image", image, ...SERVE, "--policy", policy];
    const { stderr } = await craftImage(engine(), playground, args);
    assert.match(
      stderr.replaceAll(/\s+/g, " "),
      new RegExp(`policy ${policy}; .*: observed \\d+, balanced \\d+, static \\d+`),
    );
    const names = allowedNames(playground);
    sizes.set(policy, names.length);
    const ways = readFileSync(playground.path("out/unobserved.txt"), "utf8");
    // It has no client, but its library has.
    const verdict = names.includes("connect") ? "allowed" : "denied";
    assert.match(ways, new RegExp(`^connect +low +${verdict} +/web: .* → `, "m"));
    if (policy !== "balanced") assert.equal(verdict, policy === "static" ? "allowed" : "denied");
    await servesUnderProfile(engine(), playground, [image], answersHttp("8088/hello", "8088/headers"));
  }
  const [observed = 0, balanced = 0, all = 0] = ["observed", "balanced", "static"].map(name =>
    sizes.get(name),
  );
  assert.ok(observed < balanced && balanced <= all, [...sizes].join(" "));
  await playground.clean();
});

testWith(
  IMAGE_NEEDS,
  "what is in the image is analysed, whoever runs it and by whatever name it is started",
  async context => {
    const playground = new Playground(context);
    const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/bash", "/usr/bin/env"] });
    mkdirSync(path.join(root, "app"));
    copyFileSync(buildGo({ program: "service", go: GO_1_19 }), path.join(root, "app/server"));
    writeFileSync(path.join(root, "app/start"), "#!/bin/bash\nexec env ./server\n", { mode: 0o755 });
    writeFileSync(
      playground.path("root/Dockerfile"),
      'FROM scratch\nCOPY . /\nWORKDIR /app\nENTRYPOINT ["./start"]\n',
    );
    engine().run(["build", "-q", "-t", "seccraft-relative", root]);
    const analysed = async (...args: string[]): Promise<unknown> => {
      await craftImage(engine(), playground, [...args, ...SERVE]);
      const evidence = craftedEvidence(playground);
      const runs = evidence.runs.filter(run => run.source === "static");
      const ids = new Set(runs.map(run => run.id));
      return {
        programs: runs.map(({ target }) => (target.kind === "file" ? target.path : "")).sort(),
        calls: callsOf(evidence, seen => ids.has(seen.run)),
      };
    };
    const byDocker = await analysed("--image", "seccraft-relative");
    assert.deepEqual((byDocker as { programs: string[] }).programs, [
      "/app/server",
      "/usr/bin/bash",
      "/usr/bin/env",
    ]);
    assert.deepEqual(await analysed("--image", "seccraft-relative", "--engine", "runc"), byDocker);
    await playground.clean();
  },
);

testWith(IMAGE_NEEDS, "a program that is not in the image but in a volume is a gap", async context => {
  const playground = new Playground(context);
  const root = makeRoot(playground.subfolder("root"), { programs: [] });
  copyFileSync("/bin/busybox", path.join(playground.subfolder("volume"), "busybox"));
  await craftImage(engine(), playground, [
    "--image",
    `${root}/`,
    "--volume",
    `${playground.path("volume")}:/tools:ro`,
    "--",
    "/tools/busybox",
    "true",
  ]);
  const gaps = craftedEvidence(playground).gaps.filter(gap => gap.kind === "unreadable");
  assert.match(gaps[0]?.reason ?? "none", /^\/tools\/busybox could not be analysed/);
  await playground.clean();
});

testWith(
  IMAGE_NEEDS,
  "an image for which there is no room is crafted from what ran, or refused",
  async context => {
    const playground = new Playground(context);
    const root = makeRoot(playground.subfolder("root"), {
      programs: ["/bin/busybox"],
      texts: { large: "x".repeat(4 << 20) },
    });
    const image = importRoot(engine(), root, "seccraft-large");
    const small = 'mount -t tmpfs -o size=9m none "$TMPDIR" && exec "$@"';
    const options = {
      command: ["unshare", "--mount", "sh", "-c", small, "sh", process.execPath, PROGRAM],
      env: { DOCKER_HOST: engine().host },
    };
    const args = ["--out", playground.path("out"), "--image", image, "--", "/bin/busybox", "true"];
    const crafted = await playground.run(["craft", ...args], options);
    assert.equal(crafted.code, 0, crafted.stderr);
    assert.match(crafted.stderr, /the image is not analysed: .*larger than \d+ bytes/);
    assert.match(
      craftedEvidence(playground).gaps[0]?.reason ?? "",
      /^the image could not be analysed: .*larger than/,
    );
    const refused = await playground.run(["craft", "--policy", "static", ...args], options);
    assert.equal(refused.code, 2, refused.stderr);
    await playground.clean();
  },
);

testWith(
  [...IMAGE_NEEDS, "program:mkfifo"],
  "an image with a named pipe is crafted, by Docker and by runc",
  async context => {
    const playground = new Playground(context);
    const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
    spawnSync("mkfifo", [path.join(root, "pipe")]);
    const image = importRoot(engine(), root, "seccraft-pipe");
    for (const by of ["docker", "runc"]) {
      const args = ["--engine", by, "--image", image, "--", "/bin/busybox", "true"];
      const { stderr } = await craftImage(engine(), playground, args);
      assert.match(stderr, /analysing the code: \d+ more syscalls are reachable/);
    }
    await playground.clean();
  },
);

testWith(IMAGE_NEEDS, "capabilities that it fails without are found, given and told", async context => {
  const playground = new Playground(context);
  const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
  const image = importRoot(engine(), root, "seccraft-caps");
  for (const source of [`${root}/`, image]) {
    const args = ["--image", source, "--no-analyze", "--", "/bin/busybox"];
    const script = "chown 33 /tmp && /bin/busybox chroot / /bin/busybox true";
    const { stderr } = await craftImage(engine(), playground, [
      ...args,
      "sh",
      "-c",
      `/bin/busybox ${script}`,
    ]);
    assert.match(stderr, /it cannot do without CAP_CHOWN: once more/);
    assert.match(stderr, /capabilities that it failed without: CHOWN SYS_CHROOT\n/);
    assert.match(stderr, /docker run --cap-drop ALL --cap-add CHOWN --cap-add SYS_CHROOT\n/);
    assert.match(stderr, /securityContext: \{capabilities: \{drop: \[ALL\], add: \[CHOWN, SYS_CHROOT\]\}\}/);
    const gaps = craftedEvidence(playground).gaps.filter(gap => gap.kind === "capability");
    assert.deepEqual(gaps.flatMap(gap => gap.capabilities ?? []).toSorted(compareText), [
      "CAP_CHOWN",
      "CAP_SYS_CHROOT",
    ]);
    assert.equal(gaps[0]?.place?.file, "/bin/busybox");
    assert.ok(allowedNames(playground).includes("chroot"));
    if (source === image) continue;
    // More than Docker gives everybody is suggested and not given.
    const env = { DOCKER_HOST: engine().host };
    const much = await playground.run(["craft", ...args, "umount", "/proc"], { env });
    assert.equal(much.code, 1, much.stderr);
    assert.match(much.stderr, /calls failed for want of capabilities: try --cap-add SYS_ADMIN/);
    // What it asks for in vain, and does without, is left alone.
    const without = "/bin/busybox chown 33 /tmp; exit 0";
    const fine = await craftImage(engine(), playground, [...args, "sh", "-c", without]);
    assert.doesNotMatch(fine.stderr, /failed without/);
    assert.match(fine.stderr, /chown failed for want of CAP_CHOWN/);
  }
  await playground.clean();
});

testWith(
  IMAGE_NEEDS,
  "to an image with a user no capability is given, for none would reach it",
  async context => {
    const playground = new Playground(context);
    const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
    const image = importRoot(engine(), root, "seccraft-user", ["USER www-data"]);
    const env = { DOCKER_HOST: engine().host };
    const touch = ["--no-analyze", "--", "/bin/busybox", "sh", "-c"];
    for (const target of [
      ["--image", image],
      ["--engine", "runc", "--image", image],
      ["--image", `${root}/`, "--user", "33"],
    ]) {
      const failing = await playground.run(["craft", ...target, ...touch, "/bin/busybox touch /etc/x"], {
        env,
      });
      assert.equal(failing.code, 1, failing.stderr);
      assert.doesNotMatch(failing.stderr, /once more/);
      assert.match(
        failing.stderr,
        /for want of capabilities \(CAP_DAC_OVERRIDE\), and the user (www-data|33) cannot be given any: .*--user 0/,
      );
      await craftImage(engine(), playground, [...target, ...touch, "/bin/busybox touch /etc/x; exit 0"]);
      const [gap] = craftedEvidence(playground).gaps.filter(({ kind }) => kind === "capability");
      assert.match(gap?.remedy ?? "", /^the user (www-data|33) cannot be given any/);
    }
    // With new privileges a set-user-ID program may need what the container is allowed.
    const may = await playground.run(
      ["craft", "--new-privileges", "--image", image, ...touch, "/bin/busybox touch /etc/x"],
      { env },
    );
    assert.match(may.stderr, /it cannot do without CAP_DAC_OVERRIDE: once more/);
    await playground.clean();
  },
);

testWith(
  [...IMAGE_NEEDS, "file:/usr/sbin/nginx"],
  "a server that neither gets on nor ends for want of a capability gets it",
  async context => {
    const playground = new Playground(context);
    const server = IMAGE_SERVERS.find(({ name }) => name === "nginx");
    assert.ok(server !== undefined);
    const root = fillRoot(playground.subfolder("root"), server);
    const { stderr } = await craftImage(engine(), playground, [
      "--image",
      `${root}/`,
      "--no-analyze",
      "--timeout",
      "9s",
      "--ready",
      server.ready,
      "--exercise",
      server.exercise,
      "--",
      ...server.command,
    ]);
    assert.match(stderr, /capabilities that it failed without: CHOWN SETGID SETUID\n/);
    await playground.clean();
  },
);
