import { readFileSync, writeFileSync } from "node:fs";
import { type AuditSetting, type AuditStatus, auditStatus, setAudit } from "./audit.ts";
import { libc } from "./libc.ts";
import { systemCallNumber } from "./numbers.ts";

/** Something between a call that a filter logs and whoever reads the log. */
export interface Throttle {
  /** As `sysctl` or `auditctl -s` call it. */
  readonly name: string;
  /** Its value now. */
  readonly value: string;
  /** Whether records get lost by it here and now; `never`: it is said to, and does not. */
  readonly loses: "yes" | "no" | "never";
  /** One sentence: what it does here. */
  readonly why: string;
  /** The value under which it loses nothing; absent when it may stay. */
  readonly wanted?: string;
}

/** A value that was changed: what it was, and what it was set to. */
export interface Change {
  readonly name: string;
  readonly before: string;
  readonly during: string;
}

/** Records that may wait in the kernel; one takes about 1 KiB. */
const BACKLOG = 65_536;
/** Fewer than this are soon there. */
const SMALL_BACKLOG = 8192;
/** The kernel's own value, 60 seconds at 250 ticks. */
const BACKLOG_WAIT = 15_000;
/** KERN_NOTICE, at which audit prints. */
const NOTICE = 5;
const SYSLOG_ACTION_SIZE_BUFFER = 10;

const SYSCTLS = {
  "kernel.printk_ratelimit": "kernel/printk_ratelimit",
  "kernel.printk": "kernel/printk",
  "kernel.seccomp.actions_logged": "kernel/seccomp/actions_logged",
} as const;
const AUDIT: Readonly<Record<string, AuditSetting>> = {
  "audit rate_limit": "rateLimit",
  "audit backlog_limit": "backlogLimit",
  "audit backlog_wait_time": "backlogWait",
  "audit failure": "failure",
};

function sysctl(file: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${file}`, "latin1").trim().replaceAll("\t", " ");
  } catch {
    return undefined;
  }
}

function printing(status: AuditStatus | undefined): Throttle[] {
  const throttles: Throttle[] = [];
  const daemon = status !== undefined && status.daemon !== 0;
  const interval = sysctl(SYSCTLS["kernel.printk_ratelimit"]);
  const burst = sysctl("kernel/printk_ratelimit_burst") ?? "10";
  if (interval !== undefined) {
    const limits = interval !== "0" && !daemon;
    throttles.push({
      name: "kernel.printk_ratelimit",
      value: interval,
      loses: limits ? "yes" : "no",
      why: daemon
        ? "auditd takes the records, which then do not pass it"
        : limits
          ? `the kernel's log gets ${burst} records in ${interval} s, all others are dropped`
          : "the kernel's log gets every record",
      ...(limits ? { wanted: "0" } : {}),
    });
  }
  const console = sysctl(SYSCTLS["kernel.printk"]);
  if (console !== undefined) {
    const [level = "", ...others] = console.split(" ").filter(part => part !== "");
    const slow = Number(level) > NOTICE && !daemon;
    throttles.push({
      name: "kernel.printk",
      value: [level, ...others].join(" "),
      loses: slow ? "yes" : "no",
      why: slow
        ? "every record is written to the console as well, which may be slow enough to lose some"
        : "records are not written to the console",
      ...(slow ? { wanted: [String(NOTICE), ...others].join(" ") } : {}),
    });
  }
  return throttles;
}

function audit(status: AuditStatus): Throttle[] {
  const { rateLimit, backlogLimit, backlogWait, failure } = status;
  const small = backlogLimit !== 0 && backlogLimit < SMALL_BACKLOG;
  const impatient = backlogLimit !== 0 && backlogWait === 0;
  return [
    {
      name: "audit rate_limit",
      value: String(rateLimit),
      loses: rateLimit === 0 ? "no" : "yes",
      why: rateLimit === 0 ? "off" : `more than ${rateLimit} records a second are dropped`,
      ...(rateLimit === 0 ? {} : { wanted: "0" }),
    },
    {
      name: "audit backlog_limit",
      value: String(backlogLimit),
      loses: "no",
      why: small
        ? `with ${backlogLimit} records waiting, whoever causes more is put to sleep`
        : "room for bursts",
      ...(small ? { wanted: String(BACKLOG) } : {}),
    },
    {
      name: "audit backlog_wait_time",
      value: String(backlogWait),
      loses: impatient ? "yes" : "no",
      why: impatient
        ? "when the backlog is full records are dropped at once"
        : "when the backlog is full the program that causes more waits that many clock ticks, then records are dropped",
      ...(impatient ? { wanted: String(BACKLOG_WAIT) } : {}),
    },
    {
      name: "audit failure",
      value: String(failure),
      loses: "no",
      why: failure === 2 ? "the kernel panics when a record is lost" : "a lost record does no other harm",
      ...(failure === 2 ? { wanted: "1" } : {}),
    },
  ];
}

function logged(): Throttle[] {
  const name = "kernel.seccomp.actions_logged";
  const value = sysctl(SYSCTLS[name]);
  if (value === undefined) return [];
  const actions = value.split(" ");
  const has = actions.includes("log");
  // In the order in which the kernel shows them.
  const all = (sysctl("kernel/seccomp/actions_avail") ?? "").split(" ");
  return [
    {
      name,
      value,
      loses: has ? "no" : "yes",
      why: has ? "logged calls are logged" : "`log` is not in it: no logged call is logged at all",
      ...(has ? {} : { wanted: all.filter(each => each === "log" || actions.includes(each)).join(" ") }),
    },
  ];
}

/** What articles advise to change, and what has no part in it. */
function bystanders(): Throttle[] {
  return [
    ["net.core.message_cost", "net/core/message_cost", "limits messages of the network code alone"],
    [
      "kernel.printk_devkmsg",
      "kernel/printk_devkmsg",
      "limits what programs write to /dev/kmsg, not the kernel",
    ],
  ].flatMap(([name = "", file = "", why = ""]) => {
    const value = sysctl(file);
    return value === undefined ? [] : [{ name, value, loses: "never" as const, why }];
  });
}

/** Everything on a record's way, here and now. Audit's own settings are left out where they may not be read. */
export function throttles(): readonly Throttle[] {
  const status = auditStatus();
  return [...logged(), ...printing(status), ...(status === undefined ? [] : audit(status)), ...bystanders()];
}

/** Sets one of the values that `throttles` names. @throws when the kernel refuses. */
export function setThrottle(name: string, value: string): void {
  const setting = AUDIT[name];
  if (setting !== undefined) {
    setAudit(setting, Number(value));
    return;
  }
  const file = SYSCTLS[name as keyof typeof SYSCTLS];
  if (file === undefined) throw new Error(`${name} is no throttle`);
  writeFileSync(`/proc/sys/${file}`, value);
}

/** Milliseconds after which the kernel's log takes records again when its limit was exceeded; 0 without a limit. */
export function printkIntervalMs(): number {
  return Number(sysctl(SYSCTLS["kernel.printk_ratelimit"]) ?? 0) * 1000;
}

/** Bytes of the kernel's ring buffer; undefined when that may not be asked. */
export function ringBufferBytes(): number | undefined {
  const size = libc().syscall(systemCallNumber("syslog"), SYSLOG_ACTION_SIZE_BUFFER, 0, 0, 0, 0);
  return size > 0 ? size : undefined;
}
