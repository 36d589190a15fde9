import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { eventually } from "./target.ts";

/** A Docker Engine of the tests' own, that shares nothing with one that may run on the machine. */
export interface TestDocker {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** Runs the docker command and returns its trimmed output. */
  run(args: readonly string[], input?: string | Buffer): string;
  stop(): Promise<void>;
}

function must(
  command: string,
  args: readonly string[],
  options: { input?: string | Buffer; env?: object } = {},
): string {
  const result = spawnSync(command, [...args], {
    encoding: "utf8",
    timeout: 120_000,
    maxBuffer: 1 << 28,
    ...(options.input === undefined ? {} : { input: options.input }),
    env: { ...process.env, ...options.env },
  });
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(" ")}: ${result.stderr}${result.error?.message ?? ""}`);
  return result.stdout.trim();
}

/** The docker command for an engine. */
export function dockerClient(host: string): TestDocker["run"] {
  return (args, input) =>
    must("docker", args, { env: { DOCKER_HOST: host }, ...(input === undefined ? {} : { input }) });
}

/** Starts dockerd with its own folders, socket, bridge and cgroup, and further options. */
export async function startDocker(more: readonly string[] = []): Promise<TestDocker> {
  const folder = mkdtempSync(path.join(tmpdir(), "sc-docker-"));
  const mark = `sctest${process.pid % 100_000}`;
  const host = `unix://${folder}/docker.sock`;
  const subnet = `100.127.${process.pid % 256}`;
  must("ip", ["link", "add", mark, "type", "bridge"]);
  must("ip", ["address", "add", `${subnet}.1/24`, "dev", mark]);
  must("ip", ["link", "set", mark, "up"]);
  const daemon = spawn(
    "dockerd",
    [
      "--data-root",
      `${folder}/data`,
      "--exec-root",
      `${folder}/exec`,
      "-H",
      host,
      "--pidfile",
      `${folder}/pid`,
      "-b",
      mark,
      "--iptables=false",
      "--ip-forward=false",
      "--ip-masq=false",
      "--userland-proxy=false",
      "--cgroup-parent",
      `/${mark}`,
      ...more,
    ],
    { stdio: "ignore", detached: true },
  );
  const ended = new Promise<void>(resolve => daemon.once("exit", () => resolve()));
  const run = dockerClient(host);
  const stop = async (): Promise<void> => {
    daemon.kill("SIGTERM");
    await ended;
    spawnSync("ip", ["link", "delete", mark]);
    removeCgroups(mark);
    spawnSync("umount", [`${folder}/data`]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually(
      "the Docker Engine answers",
      () => existsSync(`${folder}/docker.sock`) && spawnSync("docker", ["-H", host, "version"]).status === 0,
      30_000,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, run, stop };
}

/** What the engine leaves of its parent cgroup in each hierarchy. */
function removeCgroups(name: string): void {
  const root = "/sys/fs/cgroup";
  for (const place of [root, ...readdirSync(root).map(child => path.join(root, child))]) {
    const folder = path.join(place, name);
    if (existsSync(folder)) rmdirSync(folder);
  }
}
