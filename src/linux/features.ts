import { existsSync, accessSync, constants, readFileSync } from "node:fs";
import process from "node:process";
import { MachineError } from "../errors.ts";
import { Assembler, R0 } from "./ebpf/assembler.ts";
import { readKernelTypes, type KernelTypes } from "./ebpf/btf.ts";
import { BpfMap, loadTracingProgram, MAP_TYPE } from "./ebpf/system.ts";
import { createCgroup, removeCgroup } from "./cgroup.ts";
import { errnoName, libc } from "./libc.ts";
import { systemCallNumber } from "./numbers.ts";

/** Whether this machine can do something: probed, never guessed from a version. */
export interface Feature {
  readonly name: string;
  readonly state: "yes" | "no" | "unknown";
  /** What was found, in a few words. */
  readonly reason: string;
  /** What one cannot do without it. */
  readonly cost: string;
  /** How to get it; empty when it is there. */
  readonly remedy: string;
}

export type Finding = Pick<Feature, "state" | "reason"> & { readonly remedy?: string };

const GET_ACTION_AVAILABLE = 2;
const SET_MODE_FILTER = 1;
const RET_USER_NOTIFICATION = 0x7fc00000;
const RET_LOG = 0x7ffc0000;
const FILTER_FLAG_NEW_LISTENER = 8;
const FILTER_FLAG_WAIT_KILLABLE = 32;
const EFAULT = 14;

function actionAvailable(action: number): Finding {
  const word = Buffer.alloc(4);
  word.writeUInt32LE(action);
  const result = libc().syscall(
    systemCallNumber("seccomp"),
    GET_ACTION_AVAILABLE,
    0,
    libc().address(word),
    0,
    0,
  );
  if (result === 0) return { state: "yes", reason: "the kernel has it" };
  const code = errnoName(libc().errno());
  if (code === "EOPNOTSUPP")
    return { state: "no", reason: "this kernel does not have it", remedy: "It needs Linux 5.0 or newer." };
  return {
    state: "unknown",
    reason: `seccomp(2) answers ${code}`,
    remedy: "Something, perhaps a container's own profile, forbids seccomp(2) here.",
  };
}

/** Loading no filter at all with a flag fails with EFAULT when the kernel knows the flag, with EINVAL when not. */
function filterFlag(flag: number): Finding {
  libc().syscall(systemCallNumber("seccomp"), SET_MODE_FILTER, FILTER_FLAG_NEW_LISTENER | flag, 0, 0, 0);
  const errno = libc().errno();
  if (errno === EFAULT) return { state: "yes", reason: "the kernel has it" };
  if (errnoName(errno) === "EINVAL")
    return { state: "no", reason: "this kernel does not have it", remedy: "It needs Linux 5.19 or newer." };
  return { state: "unknown", reason: `seccomp(2) answers ${errnoName(errno)}` };
}

function takeDescriptors(): Finding {
  const pidfd = libc().syscall(systemCallNumber("pidfd_open"), process.pid, 0, 0, 0, 0);
  if (pidfd < 0)
    return {
      state: "no",
      reason: `pidfd_open(2) answers ${errnoName(libc().errno())}`,
      remedy: "It needs Linux 5.6 or newer.",
    };
  const copy = libc().syscall(systemCallNumber("pidfd_getfd"), pidfd, 2, 0, 0, 0);
  const errno = libc().errno();
  libc().close(pidfd);
  if (copy < 0)
    return {
      state: "no",
      reason: `pidfd_getfd(2) answers ${errnoName(errno)}`,
      remedy: "In a container, allow pidfd_getfd or add CAP_SYS_PTRACE.",
    };
  libc().close(copy);
  const scope = readScope();
  if (scope === "3")
    return {
      state: "no",
      reason: "kernel.yama.ptrace_scope is 3",
      remedy: "Set kernel.yama.ptrace_scope to 0 or 1 (needs a reboot).",
    };
  if (scope === "2" && process.getuid?.() !== 0)
    return {
      state: "no",
      reason: "kernel.yama.ptrace_scope is 2",
      remedy: "Set kernel.yama.ptrace_scope to 1, or be root.",
    };
  return { state: "yes", reason: "pidfd_getfd(2) works" };
}

function readScope(): string {
  try {
    return readFileSync("/proc/sys/kernel/yama/ptrace_scope", "utf8").trim();
  } catch {
    return "0";
  }
}

function kernelTypes(): Finding {
  readKernelTypes().typedefId("btf_trace_sys_enter");
  return { state: "yes", reason: "/sys/kernel/btf/vmlinux is there" };
}

function tracingPrograms(): Finding {
  const map = new BpfMap("seccraft_probe", MAP_TYPE.hash, 4, 4, 1);
  map.close();
  const code = new Assembler().movImmediate(R0, 0).exit().assemble();
  libc().close(loadTracingProgram("sys_enter", code, readKernelTypes().typedefId("btf_trace_sys_enter")));
  return { state: "yes", reason: "a program was loaded" };
}

/** Tracepoint of security/commoncap.c. */
export const CAPABILITY_TRACEPOINT = "cap_capable";

/** Whether a kernel of these types tells which capabilities it looks for. */
export function capabilityChecks(types: KernelTypes): Finding {
  return types.hasTypedef(`btf_trace_${CAPABILITY_TRACEPOINT}`)
    ? { state: "yes", reason: `it has the tracepoint ${CAPABILITY_TRACEPOINT}` }
    : {
        state: "no",
        reason: `this kernel has no tracepoint ${CAPABILITY_TRACEPOINT}`,
        remedy: "It needs Linux 6.13 or newer.",
      };
}

async function cgroups(): Promise<Finding> {
  const cgroup = createCgroup(() => undefined);
  await removeCgroup(cgroup.path);
  return { state: "yes", reason: "one was created and removed" };
}

function kernelLog(): Finding {
  try {
    accessSync("/dev/kmsg", constants.R_OK);
    return { state: "yes", reason: "/dev/kmsg is readable" };
  } catch {
    return {
      state: "no",
      reason: "/dev/kmsg cannot be read",
      remedy: "Be root, or give seccraft a log file.",
    };
  }
}

const DOCKER_SOCKET = "/var/run/docker.sock";

function docker(): Finding {
  const own = `${process.env["XDG_RUNTIME_DIR"] ?? "/nonexistent"}/docker.sock`;
  const usual = !existsSync(DOCKER_SOCKET) && existsSync(own) ? own : DOCKER_SOCKET;
  const host = process.env["DOCKER_HOST"] ?? `unix://${usual}`;
  const remedy = "Start Docker, or set DOCKER_HOST.";
  if (!host.startsWith("unix://"))
    return { state: "unknown", reason: `DOCKER_HOST is ${host}, which was not asked`, remedy };
  const socket = host.slice("unix://".length);
  return existsSync(socket)
    ? { state: "yes", reason: `${socket} is there` }
    : { state: "no", reason: `no ${socket}`, remedy };
}

function runc(): Finding {
  const remedy =
    "As root: apt-get install runc iproute2. An image then comes from a `docker save` archive or a folder.";
  if (process.geteuid?.() !== 0) return { state: "no", reason: "only root can start containers", remedy };
  const folders = (process.env["PATH"] ?? "").split(":");
  const missing = ["runc", "ip"].filter(name => !folders.some(folder => existsSync(`${folder}/${name}`)));
  return missing.length === 0
    ? { state: "yes", reason: "it is installed" }
    : { state: "no", reason: `${missing.join(" and ")} not found on PATH`, remedy };
}

const PROBES: readonly (readonly [name: string, cost: string, probe: () => Finding | Promise<Finding>])[] = [
  [
    "FFI",
    "recording, verification and running under a profile; work on profiles and binaries goes on",
    () => (libc(), { state: "yes", reason: "koffi is loaded" }),
  ],
  [
    "seccomp user notification",
    "recording as an ordinary user, and naming each denial",
    () => actionAvailable(RET_USER_NOTIFICATION),
  ],
  [
    "uninterrupted notification",
    "a call that a signal interrupts may be counted twice",
    () => filterFlag(FILTER_FLAG_WAIT_KILLABLE),
  ],
  [
    "descriptors of other processes",
    "recording as an ordinary user, and naming each denial",
    takeDescriptors,
  ],
  ["seccomp logging", "complain mode", () => actionAvailable(RET_LOG)],
  ["kernel type information", "eBPF recorder", kernelTypes],
  [
    "eBPF tracing programs",
    "eBPF recorder: the fastest one, which also sees results and what runs already",
    tracingPrograms,
  ],
  [
    "capability checks",
    "finding which capabilities a container needs",
    () => capabilityChecks(readKernelTypes()),
  ],
  ["cgroup v2", "eBPF recorder for what seccraft starts", cgroups],
  ["kernel log", "complain mode", kernelLog],
  ["Docker", "profiles for images through Docker", docker],
  ["runc", "profiles for images without Docker", runc],
];

/** Asks the running machine, now. */
export async function probeFeatures(): Promise<Feature[]> {
  const features: Feature[] = [];
  for (const [name, cost, probe] of PROBES) features.push({ name, cost, ...(await ask(probe)) });
  return features;
}

async function ask(
  probe: () => Finding | Promise<Finding>,
): Promise<Pick<Feature, "state" | "reason" | "remedy">> {
  try {
    return { remedy: "", ...(await probe()) };
  } catch (error) {
    const remedy = error instanceof MachineError ? error.remedy : "";
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { state: "no", reason: remedy === "" ? reason : reason.replace(`. ${remedy}`, ""), remedy };
  }
}

/** Whether the eBPF recorder can work here: kernel types, tracing programs and a cgroup v2. */
export function canTrace(): boolean {
  try {
    kernelTypes();
    tracingPrograms();
    return true;
  } catch {
    return false;
  }
}
