/**
 * node .build/bench/images/run.js [NAME…]: crafts a profile for the image of each server, by runc and by Docker, and has
 * plain `docker run` serve under it. Prints a Markdown table. Needs root, Docker, runc and test/debian-packages.txt.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { craft, type CraftResult } from "../../src/craft/craft.ts";
import { runSession, type Workload } from "../../src/craft/session.ts";
import { CONTAINER_DEFAULTS, type ContainerOptions } from "../../src/engine/container.ts";
import { dockerEngine } from "../../src/engine/docker/docker.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { parseReady } from "../../src/engine/ready.ts";
import { runcEngine } from "../../src/engine/runc/runc.ts";
import { openRunFolder, type RunFolder } from "../../src/linux/runfolder.ts";
import { DEFAULT_POLICY } from "../../src/profile/derive.ts";
import { printProfile } from "../../src/profile/print.ts";
import { ebpfRecorder } from "../../src/record/ebpf/recorder.ts";
import { startDocker, type TestDocker } from "../../test/support/docker.ts";
import { importRoot } from "../../test/support/images.ts";
import { fillRoot, IMAGE_SERVERS, type ImageServer } from "../../test/support/servers.ts";
import { eventually } from "../../test/support/target.ts";

const BARE_RUNS = 3;
/** node as the first process of a container does not end by SIGTERM. */
const GRACE_MS = 1000;

function containerOptions(server: ImageServer, image: string): ContainerOptions {
  return { ...CONTAINER_DEFAULTS, image, capAdd: server.options.filter(option => !option.startsWith("--")) };
}

function workloadOf(server: ImageServer): Workload {
  return {
    argv: server.command,
    ready: parseReady(server.ready),
    exercises: [server.exercise],
    timeoutMs: 30_000,
    expectedExit: undefined,
  };
}

/** Seconds that runs without a recorder and with everything allowed take: the median. */
async function bareSeconds(engine: Engine, workload: Workload): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < BARE_RUNS; run++)
    times.push(
      (await runSession(engine, workload, { noNewPrivileges: false }, { graceMs: GRACE_MS })).seconds,
    );
  return times.sort((a, b) => a - b)[BARE_RUNS >> 1] ?? NaN;
}

async function craftServer(engine: Engine, workload: Workload, folder: RunFolder): Promise<CraftResult> {
  return await craft({
    workload,
    runs: 1,
    engine,
    recorder: ebpfRecorder,
    policy: { ...DEFAULT_POLICY, runtimeBase: "runc" },
    accept: "observed",
    analyze: true,
    graceMs: GRACE_MS,
    folder,
  });
}

/** Whether a plain `docker run` under the profile answers the exercise. */
async function serves(
  docker: TestDocker,
  server: ImageServer,
  image: string,
  profile: string,
): Promise<string> {
  const id = docker.run(["run", "-d", "--security-opt", `seccomp=${profile}`, image, ...server.command]);
  try {
    const address = docker.run(["inspect", "-f", "{{.NetworkSettings.IPAddress}}", id]);
    const env = { ...process.env, SECCRAFT_ADDRESS: address };
    const ask = (): boolean => spawnSync("sh", ["-c", server.exercise], { env }).status === 0;
    await eventually("it answers", ask, 20_000);
    return "serves";
  } catch {
    return "FAILS";
  } finally {
    docker.run(["rm", "-f", id]);
  }
}

const place = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
const docker = await startDocker();
process.env["DOCKER_HOST"] = docker.host;
const wanted = process.argv.slice(2);
process.stdout.write(
  "| image | by | observed, balanced, static | rounds: seconds | bare run | rounds ≤ 3 and each < 3 × bare + 1 s | docker run |\n|---|---|---|---|---|---|---|\n",
);
try {
  const { folder } = await openRunFolder();
  for (const server of IMAGE_SERVERS) {
    if (wanted.length > 0 && !wanted.some(part => server.name.includes(part))) continue;
    const root = fillRoot(path.join(place, server.name.replaceAll(" ", "-")), server);
    const image = importRoot(docker, root, "seccraft-bench");
    const workload = workloadOf(server);
    for (const make of [
      async () => await runcEngine(containerOptions(server, root), folder),
      async () => await dockerEngine(containerOptions(server, image), folder),
    ]) {
      const { engine } = await make();
      const bare = await bareSeconds(engine, workload);
      const result = await craftServer(engine, workload, folder);
      const profile = path.join(place, "profile.json");
      writeFileSync(profile, printProfile(result.derivation.document));
      const rounds = result.rounds.map(round => round.seconds);
      const within = rounds.length <= 3 && rounds.every(seconds => seconds < 3 * bare + 1);
      const sizes = [result.sizes.observed, result.sizes.balanced, result.sizes.static].join(", ");
      const times = `${rounds.length}: ${rounds.map(seconds => seconds.toFixed(2)).join(", ")}`;
      const verdict = await serves(docker, server, image, profile);
      process.stdout.write(
        `| ${server.name} | ${engine.name} | ${sizes} | ${times} | ${bare.toFixed(2)} | ${within ? "yes" : "NO"} | ${verdict} |\n`,
      );
      rmSync(path.join(folder.path, "image"), { recursive: true, force: true });
    }
    docker.run(["rmi", image]);
    rmSync(root, { recursive: true, force: true });
  }
  await folder.close();
} finally {
  await docker.stop();
  rmSync(place, { recursive: true, force: true });
}
