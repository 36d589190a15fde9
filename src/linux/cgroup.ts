import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { InputError, MachineError } from "../errors.ts";
import { checked, libc, SystemCallError } from "./libc.ts";
import { killProcess } from "./processes.ts";

/** A cgroup of the v2 hierarchy. */
export interface Cgroup {
  /** Its folder, reachable by this process and its children. */
  readonly path: string;
  /** Its name in the hierarchy, such as `/user.slice/seccraft-7-0`, the same whatever it is mounted on. */
  readonly name: string;
  /** What bpf_get_current_cgroup_id() and its relatives return. Source: kernfs, where the inode number is the id. */
  readonly id: bigint;
  /**
   * Its depth, 0 for the root, as bpf_get_current_ancestor_cgroup_id() counts. Undefined in a cgroup namespace, where
   * what is above its root cannot be seen.
   */
  readonly level: number | undefined;
}

/** Where the v2 hierarchy is mounted: the folder, and which cgroup that folder is. */
interface Mount {
  readonly folder: string;
  readonly root: string;
}

// linux/mount.h, and the same call numbers on every architecture.
const NR_fsopen = 430;
const NR_fsconfig = 431;
const NR_fsmount = 432;
const CLOEXEC_FLAG = 1;
const FSCONFIG_SET_FLAG = 0;
const FSCONFIG_SET_STRING = 1;
const FSCONFIG_CMD_CREATE = 6;

/** include/linux/proc_ns.h: PROC_CGROUP_INIT_INO, the namespace that a machine boots with. */
const INITIAL_NAMESPACE = 0xef_ff_ff_fbn;

const REMOVE_MS = 2000;

let found: Mount | undefined;

/** Where the v2 hierarchy is mounted; where nowhere, it is mounted for this process alone, for as long as it lives. */
function cgroupMount(): Mount {
  found ??= mountedHierarchy() ?? mountPrivately();
  return found;
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function mountedHierarchy(): Mount | undefined {
  const mounts: Mount[] = [];
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const [place = "", type = ""] = line.split(" - ");
    if (!type.startsWith("cgroup2 ")) continue;
    const [, , , root = "", folder = ""] = place.split(" ");
    mounts.push({ root: unescapeOctal(root), folder: unescapeOctal(folder) });
  }
  // The one that shows most of the hierarchy.
  return mounts.sort((a, b) => a.root.length - b.root.length)[0];
}

function mountPrivately(): Mount {
  try {
    const name = new TextEncoder().encode("cgroup2\0");
    const context = checked("fsopen", libc().syscallPointer1(NR_fsopen, name, CLOEXEC_FLAG), "cgroup2");
    checked("fsconfig", libc().syscall(NR_fsconfig, context, FSCONFIG_CMD_CREATE, 0, 0, 0));
    const mount = checked("fsmount", libc().syscall(NR_fsmount, context, CLOEXEC_FLAG, 0, 0, 0));
    libc().close(context);
    // Not /proc/self: the launcher has to find it too.
    return { folder: `/proc/${process.pid}/fd/${mount}`, root: "/" };
  } catch (cause) {
    if (!(cause instanceof SystemCallError)) throw cause;
    throw new MachineError(
      `cgroup v2 is not mounted, and mounting it privately failed: ${cause.message}`,
      "Run as root, or mount it: mount -t cgroup2 none /sys/fs/cgroup/unified.",
      { cause },
    );
  }
}

function components(name: string): string[] {
  return name.split("/").filter(part => part !== "");
}

function isBelow(name: string, root: string): boolean {
  return root === "/" || name === root || name.startsWith(`${root}/`);
}

/** The folder of a cgroup by its name in the hierarchy; undefined when the mount does not show it. */
function folderOf(name: string, mount: Mount): string | undefined {
  if (!isBelow(name, mount.root)) return undefined;
  return path.join(mount.folder, ...components(name).slice(components(mount.root).length));
}

/** The name of the cgroup that a process is in. */
export function cgroupOfProcess(pid: number | "self"): string {
  const line = readFileSync(`/proc/${pid}/cgroup`, "utf8")
    .split("\n")
    .find(text => text.startsWith("0::"));
  if (line === undefined)
    throw new MachineError("the kernel has no cgroup v2", "It needs Linux 4.5 or newer.");
  return line.slice("0::".length);
}

function describe(folder: string, name: string): Cgroup {
  const initial = statSync("/proc/self/ns/cgroup", { bigint: true }).ino === INITIAL_NAMESPACE;
  return {
    path: folder,
    name,
    id: statSync(folder, { bigint: true }).ino,
    level: initial ? components(name).length : undefined,
  };
}

let created = 0;

/**
 * Makes a cgroup below our own, or below the root, where container engines look for one that they are given by name.
 * @param announce hears its name before it exists, so that it can be removed whatever happens.
 * @throws MachineError when we may not.
 */
export function createCgroup(announce: (name: string) => void, below: "own" | "root" = "own"): Cgroup {
  const mount = cgroupMount();
  const own = cgroupOfProcess("self");
  const parent = below === "own" && isBelow(own, mount.root) ? own : mount.root;
  const name = path.posix.join(parent, `seccraft-${process.pid}-${created++}`);
  const folder = folderOf(name, mount) ?? mount.folder;
  announce(name);
  try {
    mkdirSync(folder);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    throw new MachineError(
      `no cgroup can be made below ${parent} (${code})`,
      "Run as root, or in a cgroup that is delegated to you: systemd-run --user --scope -p Delegate=yes.",
      { cause },
    );
  }
  return describe(folder, name);
}

/**
 * An existing cgroup, by its folder or by its name in the hierarchy, such as `/system.slice/nginx.service`.
 * @throws InputError when there is none.
 */
export function openCgroup(pathOrName: string): Cgroup {
  const mount = cgroupMount();
  // Kubernetes and systemd leave out the slash in front: `kubepods.slice/…`.
  const absolute = existsSync(pathOrName) ? path.resolve(pathOrName) : path.resolve("/", pathOrName);
  const inside = path.relative(mount.folder, absolute);
  const isFolder = inside !== ".." && !inside.startsWith("../");
  const name = isFolder ? path.posix.join(mount.root, inside) : absolute;
  const folder = folderOf(name, mount);
  if (folder === undefined || !isCgroup(folder)) {
    throw new InputError(`${pathOrName}: no such cgroup (v2, mounted on ${mount.folder})`);
  }
  return describe(folder, name);
}

function isCgroup(folder: string): boolean {
  return statSync(path.join(folder, "cgroup.procs"), { throwIfNoEntry: false })?.isFile() ?? false;
}

function children(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => path.join(folder, entry.name));
  } catch {
    return [];
  }
}

/** Folders of the cgroups whose own name, without those above it, fits; the outermost first. */
export function findCgroups(fits: (name: string) => boolean): string[] {
  const found: string[] = [];
  const queue = children(cgroupMount().folder);
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    if (fits(path.basename(folder))) found.push(folder);
    else queue.push(...children(folder));
  }
  return found;
}

/** The processes in a cgroup and all below it, ascending. */
export function cgroupProcesses(folder: string): number[] {
  let own: number[] = [];
  try {
    own = readFileSync(path.join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
  } catch {
    // It has just been removed.
  }
  return [...own, ...children(folder).flatMap(cgroupProcesses)].sort((a, b) => a - b);
}

/** SIGKILL to every process in a cgroup and below it, at once where the kernel can (Linux 5.14). */
export function killCgroup(folder: string): void {
  try {
    writeFileSync(path.join(folder, "cgroup.kill"), "1");
  } catch {
    for (const pid of cgroupProcesses(folder)) if (pid !== 0) killProcess(pid, "SIGKILL");
  }
}

/**
 * Removes a cgroup and all below it, killing what still runs there.
 * @throws MachineError when it is still busy after two seconds.
 */
export async function removeCgroup(folder: string): Promise<void> {
  const deadline = Date.now() + REMOVE_MS;
  for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
    const obstacle = tryRemove(folder);
    if (obstacle === undefined) return;
    if (obstacle !== "EBUSY" || Date.now() > deadline) {
      const left = cgroupProcesses(folder).join(" ");
      throw new MachineError(
        `the cgroup ${folder} cannot be removed (${obstacle}${left === "" ? "" : `, processes ${left}`})`,
        `Remove it by hand: rmdir ${folder}.`,
      );
    }
    killCgroup(folder);
    await setTimeout(pause);
  }
}

function tryRemove(folder: string): string | undefined {
  for (const child of children(folder)) {
    const obstacle = tryRemove(child);
    if (obstacle !== undefined) return obstacle;
  }
  try {
    rmdirSync(folder);
    return undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === "ENOENT" ? undefined : (code ?? "unknown");
  }
}

/**
 * Removes the folders of a cgroup's name in the v1 hierarchies, where container runtimes make them as well and leave
 * them. Hierarchies that are not mounted here, as in a container, are mounted for a moment, for this process alone.
 */
export async function removeLegacyCgroups(name: string): Promise<void> {
  const mounted = new Map<string, string>();
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const [place = "", type = ""] = line.split(" - ");
    const [, , , root = "", mount = ""] = place.split(" ");
    if (type.startsWith("cgroup ") && root === "/")
      for (const option of type.split(" ")[2]?.split(",") ?? []) mounted.set(option, unescapeOctal(mount));
  }
  for (const line of readFileSync("/proc/self/cgroup", "utf8").split("\n")) {
    const [, controllers = ""] = line.split(":");
    const [first = ""] = controllers.split(",");
    if (first === "") continue;
    const known = mounted.get(first);
    const mount = known ?? mountLegacy(controllers);
    if (mount === undefined) continue;
    const folder = typeof mount === "string" ? mount : `/proc/self/fd/${mount}`;
    try {
      if (isCgroup(path.join(folder, name))) await removeCgroup(path.join(folder, name));
    } finally {
      if (typeof mount === "number") libc().close(mount);
    }
  }
}

/** A descriptor of the root of a v1 hierarchy, such as `cpu,cpuacct` or `name=systemd`; undefined when we may not. */
function mountLegacy(controllers: string): number | undefined {
  // The kernel gets addresses: what is there has to stay until it has looked.
  const kept: Uint8Array[] = [];
  const text = (value: string): bigint => {
    const bytes = new TextEncoder().encode(`${value}\0`);
    kept.push(bytes);
    return libc().address(bytes);
  };
  let context = -1;
  try {
    context = checked("fsopen", libc().syscall(NR_fsopen, text("cgroup"), CLOEXEC_FLAG, 0, 0, 0), "cgroup");
    for (const option of controllers.split(",")) {
      const named = option.startsWith("name=");
      if (named)
        checked("fsconfig", libc().syscall(NR_fsconfig, context, FSCONFIG_SET_FLAG, text("none"), 0, 0));
      const result = named
        ? libc().syscall(NR_fsconfig, context, FSCONFIG_SET_STRING, text("name"), text(option.slice(5)), 0)
        : libc().syscall(NR_fsconfig, context, FSCONFIG_SET_FLAG, text(option), 0, 0);
      checked("fsconfig", result);
    }
    checked("fsconfig", libc().syscall(NR_fsconfig, context, FSCONFIG_CMD_CREATE, 0, 0, 0));
    return checked("fsmount", libc().syscall(NR_fsmount, context, CLOEXEC_FLAG, 0, 0, 0));
  } catch (error) {
    if (error instanceof SystemCallError) return undefined;
    throw error;
  } finally {
    if (context >= 0) libc().close(context);
    kept.length = 0;
  }
}

/** Removes a cgroup that an earlier run noted by its name; true when it was still there. */
export async function removeCgroupByName(name: string): Promise<boolean> {
  const folder = folderOf(name, cgroupMount());
  await removeLegacyCgroups(name);
  if (folder === undefined || !isCgroup(folder)) return false;
  await removeCgroup(folder);
  return true;
}
