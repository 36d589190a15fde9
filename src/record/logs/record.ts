import { type AbiName, abiByAudit, abiByName } from "../../abi/abi.ts";
import { syscallByName, syscallByNumber } from "../../abi/syscalls.ts";

/** What one seccomp record of the kernel's audit says, whoever wrote it down. */
export interface SeccompRecord {
  /** `kernel`: by the kernel log; `audit`: by audit's netlink socket. One event may come by both. */
  readonly channel: "kernel" | "audit";
  /** Seconds since the epoch; absent where the log tells none. */
  readonly time: number | undefined;
  /** Counts audit's events of every kind since the machine was started. */
  readonly serial: number | undefined;
  readonly pid: number | undefined;
  /** Audit session, 4294967295 where nobody has logged in; absent where the log leaves it out. */
  readonly session: number | undefined;
  readonly comm: string | undefined;
  readonly executable: string | undefined;
  readonly abi: AbiName;
  readonly number: number;
  readonly syscall: string;
  readonly action: RecordedAction;
}

export type RecordedAction = "log" | "errno" | "trap" | "trace" | "notify" | "kill" | "unknown";

/** Why a record cannot be used. */
export type Unusable = "cut-off" | "no-arch" | "unknown-arch" | "no-number";

/** Kernel limit of one record, MAX_AUDIT_MESSAGE_LENGTH, with room for what others append. */
const MAX_RECORD = 16_384;

/** Actions by the upper half of `code`: include/uapi/linux/seccomp.h, SECCOMP_RET_*. */
const ACTIONS: Readonly<Record<number, RecordedAction>> = {
  [0x0000]: "kill",
  [0x8000]: "kill",
  [0x0003]: "trap",
  [0x0005]: "errno",
  [0x7fc0]: "notify",
  [0x7ff0]: "trace",
  [0x7ffc]: "log",
};

/** `ausearch -i` prints names of architectures and actions. */
const ARCH_NAMES: Readonly<Record<string, AbiName>> = {
  i486: "i386",
  i586: "i386",
  i686: "i386",
  armeb: "arm",
  armv5tejl: "arm",
  armv6l: "arm",
  armv7l: "arm",
  arm64: "aarch64",
};

/** libaudit's names where they differ from the kernel's tables. */
const LIBAUDIT_NAMES: Readonly<Record<string, string>> = { pread: "pread64", pwrite: "pwrite64" };

/** The value of ` KEY=` up to the next of `ends`, or to the end. */
function between(text: string, from: number, key: string, ends: readonly string[]): string | undefined {
  const start = text.indexOf(` ${key}=`, from);
  if (start === -1) return undefined;
  const value = start + key.length + 2;
  let end = text.length;
  for (const other of ends) {
    const at = text.indexOf(` ${other}=`, value);
    if (at !== -1 && at < end) end = at;
  }
  return text.slice(value, end);
}

/** `"name"`, `6E616D65`, `(null)`, or the bare text that `ausearch -i` prints, blanks and all. */
export function decodeUntrusted(value: string | undefined): string | undefined {
  if (value === undefined || value === "(null)" || value === "?" || value === "") return undefined;
  if (value.startsWith('"')) {
    const end = value.indexOf('"', 1);
    return end === -1 ? undefined : value.slice(1, end);
  }
  // Only upper case: the kernel writes hex so, and a lower-case name such as "cafe" is a name.
  if (/^(?:[0-9A-F]{2})+$/.test(value)) return Buffer.from(value, "hex").toString("utf8");
  return value.trim();
}

/** `1795500994.524:706` or the reader's local time, `11/24/26 06:16:34.524:706`, `24.11.2026 …`, `2026-11-24 …`. */
function parseStamp(text: string): number | undefined {
  const epoch = /^(\d{1,12}(?:\.\d{1,9})?)(?::\d+)?$/.exec(text);
  if (epoch !== null) return Number(epoch[1]);
  const local = /^(\d{1,4})([/.-])(\d{1,2})[/.-](\d{1,4})[ T](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?/.exec(text);
  if (local === null) return undefined;
  const [a, b, c] = [Number(local[1]), Number(local[3]), Number(local[4])];
  const yearFirst = (local[1] ?? "").length === 4;
  const dayFirst = !yearFirst && (local[2] === "." || a > 12);
  const [year, month, day] = yearFirst ? [a, b, c] : dayFirst ? [c, b, a] : [c, a, b];
  const [hour, minute, second] = [Number(local[5]), Number(local[6]), Number(local[7])];
  const date = new Date(year < 100 ? year + 2000 : year, month - 1, day, hour, minute, second);
  return date.getMonth() === month - 1 ? date.getTime() / 1000 + Number(local[8] ?? 0) : undefined;
}

/** How the kernel writes a name: in quotes, in hex, or not at all. */
const ENCODED = /^(?:"[^"]*"|(?:[0-9A-F]{2})+|\(null\)|\?)$/;

function parseSerial(stamp: string | undefined): number | undefined {
  const digits = /:(\d{1,12})$/.exec(stamp ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The ABI of `arch=`: hexadecimal by the kernel, a name by `ausearch -i`. */
function parseArch(arch: string, number: number): AbiName | undefined {
  const name = ARCH_NAMES[arch] ?? abiByName(arch)?.name;
  if (name !== undefined) return name;
  return /^[0-9a-f]{1,8}$/.test(arch) ? abiByAudit(Number.parseInt(arch, 16), number)?.name : undefined;
}

export function nameOf(abi: AbiName, number: number): string {
  return syscallByNumber(abi, number)?.name ?? `syscall_${number}`;
}

function parseSyscall(arch: string, syscall: string): { abi: AbiName; number: number } | Unusable {
  const digits = /^(?:\d{1,10}|unknown.syscall\((\d{1,10})\))$/.exec(syscall);
  const number = digits === null ? 0 : Number(digits[1] ?? digits[0]);
  const abi = parseArch(arch, number);
  if (abi === undefined) return "unknown-arch";
  if (digits !== null) return number <= 0xffff_ffff ? { abi, number } : "no-number";
  for (const candidate of abi === "x86_64" ? [abi, "x32" as const] : [abi]) {
    const call = syscallByName(candidate, LIBAUDIT_NAMES[syscall] ?? syscall);
    if (call !== undefined) return { abi: candidate, number: call.number };
  }
  return "no-number";
}

function parseAction(code: string | undefined): RecordedAction {
  if (code === undefined) return "unknown";
  if (/^0x[0-9a-f]{1,8}$/.test(code)) return ACTIONS[Number.parseInt(code, 16) >>> 16] ?? "unknown";
  for (const name of ["log", "errno", "trap", "trace", "kill"] as const)
    if (code.startsWith(name)) return name;
  return code.startsWith("user") ? "notify" : "unknown";
}

/**
 * Reads the record in a line of syslog, kern.log, dmesg, auditd, ausearch or journald's text.
 * @returns undefined when there is no record in it, or why the record is of no use.
 */
export function parseRecord(line: string): SeccompRecord | Unusable | undefined {
  const found = /(?:type=(?:(1326)|SECCOMP) (?:msg=)?audit\(([^()]{0,64})|\bSECCOMP(?= auid=))/.exec(line);
  if (found === null) return undefined;
  let text = line.slice(found.index, found.index + MAX_RECORD);
  // Inside somebody's JSON the quotes are escaped.
  if (text.includes('\\"')) text = text.replaceAll('\\"', '"').replaceAll("\\\\", "\\");
  const session = between(text, 0, "ses", ["subj", "pid"]);
  const pid = between(text, 0, "pid", ["comm", "exe", "sig"]);
  const from = Math.max(0, text.indexOf(" pid="));
  const syscall = between(text, from, "syscall", ["compat", "per", "ip"])?.trim();
  if (syscall === undefined || syscall === "" || !/ ip=| compat=/.test(text)) return "cut-off";
  const arch = between(text, from, "arch", ["syscall"])?.trim();
  if (arch === undefined) return "no-arch";
  const comm = between(text, from, "comm", ["exe", "reason", "sig"]);
  const executable = between(text, from, "exe", ["reason", "sig"]);
  const interpreted = !/^[0-9a-f]{1,8}$/.test(arch);
  if (!interpreted && [comm, executable].some(name => name !== undefined && !ENCODED.test(name)))
    return "cut-off";
  const call = parseSyscall(arch, syscall);
  if (typeof call === "string") return call;
  const code = /^(?:0x[0-9a-f]+|[a-zA-Z]+)/.exec(between(text, from, "code", []) ?? "")?.[0];
  return {
    channel: found[1] === undefined ? "audit" : "kernel",
    time: found[2] === undefined ? undefined : parseStamp(found[2]),
    serial: parseSerial(found[2]),
    pid: pid !== undefined && /^\d{1,10}$/.test(pid) ? Number(pid) : undefined,
    session: session !== undefined && /^\d{1,10}$/.test(session.trim()) ? Number(session) : undefined,
    comm: decodeUntrusted(comm),
    executable: decodeUntrusted(executable),
    ...call,
    syscall: nameOf(call.abi, call.number),
    action: parseAction(code),
  };
}
