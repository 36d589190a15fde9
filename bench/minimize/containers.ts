import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { CONTAINER_DEFAULTS, type ContainerOptions } from "../../src/engine/container.ts";
import { removeOfEngine } from "../../src/engine/leftovers.ts";
import { runcEngine } from "../../src/engine/runc/runc.ts";
import { parseReady } from "../../src/engine/ready.ts";
import { openRunFolder } from "../../src/linux/runfolder.ts";
import type { SearchRequest } from "../../src/minimize/setup.ts";
import { makeRoot, type Contents } from "../../test/support/rootfs.ts";
import { echo, goWeb, ping, python, redis, sqlite, type Target } from "./targets.ts";

/** A target in a root folder of its own. */
export interface Contained {
  readonly target: Target;
  readonly options: ContainerOptions;
}

function contained(
  folder: string,
  target: Target,
  contents: Contents,
  more: Partial<ContainerOptions> = {},
): Contained {
  const { directory: _, ...workload } = target.workload;
  const image = makeRoot(path.join(folder, "root"), contents);
  return { target: { ...target, workload }, options: { ...CONTAINER_DEFAULTS, image, ...more } };
}

export function containedEcho(folder: string): Contained {
  return contained(folder, echo(), { programs: ["/bin/echo"] }, { network: "none" });
}

/** What every base image has: a shell that does nothing. */
export function containedShell(folder: string): Contained {
  const target = { ...echo(), name: "sh -c true" };
  const workload = { ...target.workload, argv: ["/bin/sh", "-c", "true"] };
  return contained(folder, { ...target, workload }, { programs: ["/bin/sh"] }, { network: "none" });
}

export function containedPing(folder: string): Contained {
  const options = { network: "none", capAdd: ["NET_RAW"] };
  return contained(folder, ping(), { programs: ["/usr/bin/ping"] }, options);
}

export function containedSqlite(folder: string): Contained {
  const target = sqlite(path.join(folder, "unused"));
  return contained(folder, target, { programs: ["/usr/bin/sqlite3"] }, { network: "none", workdir: "/var" });
}

export function containedPython(folder: string): Contained {
  const contents = { programs: ["/usr/bin/python3"], files: ["/usr/lib/python3.11"] };
  return contained(folder, python(), contents, { network: "none" });
}

export function containedRedis(folder: string): Contained {
  const target = redis(path.join(folder, "unused"), 6379);
  const call = "redis-cli -h $SECCRAFT_ADDRESS";
  const workload = {
    ...target.workload,
    argv: [...target.workload.argv, "--bind", "0.0.0.0", "--protected-mode", "no"],
    ready: parseReady("tcp:6379"),
    exercises: [`test "$(${call} set key value)" = OK && test "$(${call} get key)" = value`],
  };
  return contained(folder, { ...target, workload }, { programs: ["/usr/bin/redis-server"] });
}

export function containedGoWeb(root: string, folder: string): Contained {
  const target = goWeb(root, path.join(folder, "built"), 8080);
  const place = path.join(folder, "root/usr/bin");
  mkdirSync(place, { recursive: true });
  copyFileSync(path.join(folder, "built/web"), path.join(place, "web"));
  const workload = {
    ...target.workload,
    argv: ["/usr/bin/web", "0.0.0.0:8080"],
    ready: parseReady("tcp:8080"),
    exercises: ["curl -sf --max-time 5 http://$SECCRAFT_ADDRESS:8080/"],
  };
  return contained(folder, { ...target, success: ["http:8080/"], workload }, { programs: [] });
}

/** What a search asks for to run a target under runc; to be closed when no more is started. */
export async function openRunc(
  options: ContainerOptions,
): Promise<{ parts: Pick<SearchRequest, "engine" | "container" | "runtime">; close: () => Promise<void> }> {
  const { folder } = await openRunFolder(removeOfEngine);
  const { engine, digest } = await runcEngine(options, folder);
  return {
    parts: { engine, container: { options, digest }, runtime: "runc" },
    close: async () => await folder.close(),
  };
}
