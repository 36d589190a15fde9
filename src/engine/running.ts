import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import { InputError } from "../errors.ts";
import { cgroupOfProcess, cgroupProcesses, findCgroups, openCgroup } from "../linux/cgroup.ts";
import { connectDocker, dockerIsConfigured } from "./docker/connection.ts";

/** A container that somebody else has started. */
export interface RunningContainer {
  /** As its runtime knows it. */
  readonly id: string;
  /** As a user calls it: its name, else its id. */
  readonly name: string;
  readonly image?: string;
  /** Its main process, as this machine sees it. */
  readonly pid: number;
  /** Its own cgroup v2 by name; absent where it shares one with others, as on hosts with cgroup v1 alone. */
  readonly cgroup?: string;
}

/** Where runc, crun and containerd keep what they know; `*` is a namespace. */
const STATES = [
  "/run/runc",
  "/run/crun",
  "/run/docker/runtime-runc/*",
  "/run/containerd/runc/*",
  "/run/containerd/io.containerd.runtime.v2.task/*",
];
/** From this length on, the beginning of an id is enough. */
const PREFIX = 12;

/**
 * Finds a running container: by name or id of Docker, by id of runc, crun or containerd, or by the id in its cgroup's
 * name.
 * @param root runc's folder of states, besides the usual ones
 * @throws InputError when there is none, or it does not run
 */
export async function findContainer(wanted: string, root?: string): Promise<RunningContainer> {
  const found =
    (await ofDocker(wanted)) ??
    ofRuntime(wanted, [...(root === undefined ? [] : [root]), ...STATES]) ??
    ofCgroup(wanted);
  if (found === undefined) {
    throw new InputError(
      `there is no running container ${JSON.stringify(wanted)}: neither Docker nor runc, crun or containerd knows it, and no cgroup has it in its name`,
      { field: "--container" },
    );
  }
  const cgroup = ownCgroup(found.pid);
  return { ...found, ...(cgroup === undefined ? {} : { cgroup }) };
}

async function ofDocker(wanted: string): Promise<RunningContainer | undefined> {
  if (!dockerIsConfigured()) return undefined;
  try {
    const { docker } = await connectDocker();
    const { Id, Name, State, Config } = await docker.getContainer(wanted).inspect();
    if (!State.Running)
      throw new InputError(`the container ${wanted} does not run`, { field: "--container" });
    return { id: Id, name: Name.replace(/^\//, ""), image: Config.Image, pid: State.Pid };
  } catch (error) {
    if (error instanceof InputError) throw error;
    // No engine answers, or it has no such container: somebody else may.
    return undefined;
  }
}

function folders(pattern: string): string[] {
  if (!pattern.endsWith("/*")) return existsSync(pattern) ? [pattern] : [];
  const parent = pattern.slice(0, -2);
  return existsSync(parent) ? readdirSync(parent).map(name => path.join(parent, name)) : [];
}

function ofRuntime(wanted: string, roots: readonly string[]): RunningContainer | undefined {
  for (const folder of roots.flatMap(folders)) {
    const id = readdirSync(folder).find(
      name => name === wanted || (wanted.length >= PREFIX && name.startsWith(wanted)),
    );
    const pid = id === undefined ? undefined : mainProcess(path.join(folder, id));
    if (id !== undefined && pid !== undefined) return { id, name: wanted, pid };
  }
  return undefined;
}

/** By runc's `state.json`, crun's `status`, or containerd's `init.pid`. */
function mainProcess(state: string): number | undefined {
  const read = (file: string): string | undefined => {
    try {
      return readFileSync(path.join(state, file), "utf8");
    } catch {
      return undefined;
    }
  };
  const text = read("state.json") ?? read("status");
  const pid =
    text === undefined
      ? Number(read("init.pid") ?? Number.NaN)
      : Number(/"(?:init_process_pid|pid)"\s*:\s*(\d+)/.exec(text)?.[1] ?? Number.NaN);
  return Number.isInteger(pid) && pid > 0 && existsSync(`/proc/${pid}`) ? pid : undefined;
}

/** `docker-ID.scope`, `cri-containerd-ID.scope`, `/kubepods/…/ID`. */
function ofCgroup(wanted: string): RunningContainer | undefined {
  if (!new RegExp(`^[0-9a-f]{${PREFIX},64}$`).test(wanted)) return undefined;
  for (const folder of findCgroups(name => name.includes(wanted))) {
    const [pid] = cgroupProcesses(folder);
    if (pid !== undefined) return { id: wanted, name: wanted, pid };
  }
  return undefined;
}

function pidNamespace(process: number): string | undefined {
  try {
    return readlinkSync(`/proc/${process}/ns/pid`);
  } catch {
    return undefined;
  }
}

/** A process's cgroup, when nobody from outside its pid namespace is in it. */
function ownCgroup(pid: number): string | undefined {
  try {
    const name = cgroupOfProcess(pid);
    const own = pidNamespace(pid);
    if (name === "/" || own === pidNamespace(1)) return undefined;
    const others = cgroupProcesses(openCgroup(name).path).map(pidNamespace);
    return others.every(each => each === undefined || each === own) ? name : undefined;
  } catch {
    return undefined;
  }
}
