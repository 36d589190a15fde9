import { readFileSync, statSync } from "node:fs";
import { InputError, UsageError } from "../../errors.ts";
import { DOCKER_CAPABILITIES, type ProfileDocument } from "../../profile/document.ts";
import { printProfile } from "../../profile/print.ts";
import { capabilityName, type ContainerOptions } from "../container.ts";
import type { ImageConfig } from "../image/model.ts";
import { fileInside } from "../image/scope.ts";

/** `config.json` of the OCI runtime specification, as far as it is looked at here. */
export interface RuntimeConfig {
  readonly process?: { readonly args?: readonly string[]; readonly [field: string]: unknown };
  readonly root?: { readonly path?: string; readonly readonly?: boolean };
  readonly linux?: { readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

export interface ConfigRequest {
  readonly options: ContainerOptions;
  readonly image: ImageConfig;
  /** Where the image is unpacked, to look up users. */
  readonly lower: string;
  /** Where the container's root will be mounted. */
  readonly rootPath: string;
  readonly argv: readonly string[];
  readonly profile: ProfileDocument;
  readonly cgroupsPath: string;
  /** Without hardening. */
  readonly plain: boolean;
  /** A network namespace without any network; else that of whoever starts runc. */
  readonly ownNetwork: boolean;
  readonly hostNetwork: boolean;
  readonly hostname: string;
}

/** All that Linux 6 knows; runtimes refuse those that the running kernel lacks. */
const ALL_CAPABILITIES: readonly string[] = (
  "AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID " +
  "IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW " +
  "PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO " +
  "SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM"
)
  .split(" ")
  .map(name => `CAP_${name}`);

/** What Docker and Podman hide of /proc and /sys (moby `oci/defaults.go`). */
const MASKED = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
];
const READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

interface Mount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

const MOUNTS: readonly Mount[] = [
  { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
  },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
  { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
  {
    destination: "/dev/shm",
    type: "tmpfs",
    source: "shm",
    options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
  },
];

/** @throws InputError, UsageError when the image and the options give nothing that can be run. */
export function runtimeConfig(request: ConfigRequest): RuntimeConfig {
  const { options, image, plain } = request;
  const user = findUser(options.user ?? image.user, request.lower);
  const capabilities = plain ? DOCKER_CAPABILITIES : grantedCapabilities(options);
  // Only root keeps capabilities over an exec; for others they stay within reach of files that carry them.
  const effective = user.uid === 0 ? capabilities : [];
  const network = request.ownNetwork ? [{ type: "network" }] : [];
  return {
    ociVersion: "1.0.2",
    process: {
      terminal: false,
      user,
      args: commandOf(request),
      env: environment(options.env, image.env, request.hostname),
      cwd: options.workdir ?? image.workdir,
      capabilities: { bounding: capabilities, effective, permitted: effective },
      noNewPrivileges: options.noNewPrivileges && !plain,
    },
    root: { path: request.rootPath, readonly: options.readOnly },
    hostname: request.hostname,
    mounts: [
      ...MOUNTS,
      ...hostFiles(request.hostNetwork),
      ...options.tmpfs.map(tmpfs),
      ...options.volume.map(volume),
    ],
    linux: {
      cgroupsPath: request.cgroupsPath,
      namespaces: [{ type: "pid" }, { type: "ipc" }, { type: "uts" }, { type: "mount" }, ...network],
      resources: { devices: [{ allow: false, access: "rwm" }] },
      seccomp: seccompOf(request.profile),
      maskedPaths: MASKED,
      readonlyPaths: READ_ONLY,
    },
  };
}

/** A profile as `linux.seccomp` takes it. */
export function seccompOf(profile: ProfileDocument): unknown {
  return JSON.parse(printProfile(profile));
}

/** The words of the image's entrypoint and of its command, or what takes the place of either. */
export function commandOf({
  options,
  image,
  argv,
}: Pick<ConfigRequest, "options" | "image" | "argv">): readonly string[] {
  const entrypoint = options.entrypoint === undefined ? image.entrypoint : [options.entrypoint];
  // As with Docker, another entrypoint makes the image's arguments meaningless.
  const own = options.entrypoint === undefined ? image.cmd : [];
  const command = [...entrypoint, ...(argv.length > 0 ? argv : own)];
  if (command.length === 0) throw new UsageError("the image names no command: give one after --");
  return command;
}

/** `NAME=value` of an image and of options over it. */
export function environment(given: readonly string[], own: readonly string[], hostname: string): string[] {
  const all = new Map<string, string>([
    ["PATH", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    ["HOSTNAME", `HOSTNAME=${hostname}`],
    ["HOME", "HOME=/root"],
  ]);
  for (const entry of [...own, ...given]) all.set(entry.split("=")[0] ?? entry, entry);
  return [...all.values()];
}

function grantedCapabilities({ capAdd, capDrop }: ContainerOptions): string[] {
  const add = capAdd.map(capabilityName);
  const drop = capDrop.map(capabilityName);
  const unknown = [...add, ...drop].find(name => name !== "ALL" && !ALL_CAPABILITIES.includes(name));
  if (unknown !== undefined) throw new UsageError(`there is no capability ${unknown}`);
  const start = add.includes("ALL") ? ALL_CAPABILITIES : drop.includes("ALL") ? [] : DOCKER_CAPABILITIES;
  return [
    ...new Set([...start.filter(name => !drop.includes(name)), ...add.filter(name => name !== "ALL")]),
  ].sort();
}

interface User {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

const LARGEST_DATABASE = 1 << 20;

/** `""`, `NAME`, `UID`, each with or without `:GROUP`, by the image's own /etc/passwd and /etc/group. */
function findUser(text: string, root: string): User {
  const [name = "", group] = text.split(":");
  const entry = database(root, "/etc/passwd").find(
    fields => fields[0] === name || (/^\d+$/.test(name) && fields[2] === name),
  );
  if (entry === undefined && name !== "" && !/^\d+$/.test(name))
    throw new InputError(`the image has no user ${JSON.stringify(name)}`);
  const uid = name === "" ? 0 : Number(entry?.[2] ?? name);
  const groups = database(root, "/etc/group");
  if (group !== undefined) return { uid, gid: findGroup(group, groups), additionalGids: [] };
  const userName = entry?.[0] ?? (name === "" ? "root" : undefined);
  const members = groups.filter(
    fields => userName !== undefined && (fields[3] ?? "").split(",").includes(userName),
  );
  return {
    uid,
    gid: Number(entry?.[3] ?? 0),
    additionalGids: members.map(fields => Number(fields[2])).sort((a, b) => a - b),
  };
}

function findGroup(group: string, groups: readonly (readonly string[])[]): number {
  if (/^\d+$/.test(group)) return Number(group);
  const entry = groups.find(fields => fields[0] === group);
  if (entry === undefined) throw new InputError(`the image has no group ${JSON.stringify(group)}`);
  return Number(entry[2]);
}

function database(root: string, name: string): string[][] {
  const file = fileInside(root, name);
  if (file === undefined || statSync(file).size > LARGEST_DATABASE) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .map(line => line.split(":"));
}

function tmpfs(text: string): Mount {
  const [destination = "", options] = text.split(/:(.*)/s);
  return {
    destination,
    type: "tmpfs",
    source: "tmpfs",
    options: options === undefined ? ["nosuid", "nodev"] : options.split(","),
  };
}

function volume(text: string): Mount {
  const [source = "", destination = "", mode = "rw", ...rest] = text.split(":");
  if (
    !source.startsWith("/") ||
    !destination.startsWith("/") ||
    !["ro", "rw"].includes(mode) ||
    rest.length > 0
  )
    throw new UsageError(
      `--volume ${JSON.stringify(text)}: runc takes /SOURCE:/TARGET or /SOURCE:/TARGET:ro`,
    );
  return { destination, type: "bind", source, options: ["rbind", mode] };
}

/** How the machine resolves names, where the container uses its network. */
function hostFiles(hostNetwork: boolean): Mount[] {
  if (!hostNetwork) return [];
  return ["/etc/hosts", "/etc/resolv.conf"]
    .filter(file => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    .map(file => ({ destination: file, type: "bind", source: file, options: ["bind", "ro"] }));
}
