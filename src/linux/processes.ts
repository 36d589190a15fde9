import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** What /proc/PID/stat tells of a process. */
export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly session: number;
  /** Clock ticks since the boot; with the pid it names a process for good. */
  readonly started: string;
}

/** Undefined when there is no such process. */
export function processStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The name may hold blanks and parentheses; the fields count from the last one.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state = "", parent = "0", , session = "0"] = fields;
  return { pid, state, parent: Number(parent), session: Number(session), started: fields[19] ?? "" };
}

/** Every process that we can see, by ascending pid. */
export function listProcesses(): ProcessStat[] {
  return readdirSync("/proc")
    .filter(name => /^\d+$/.test(name))
    .map(name => processStat(Number(name)))
    .filter(stat => stat !== undefined)
    .sort((a, b) => a.pid - b.pid);
}

/** True when it was there to be signalled. */
export function killProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** This process, by a name that no other process has before the next boot. */
export function ownIdentity(): string {
  return `${process.pid} ${processStat(process.pid)?.started ?? "0"}`;
}

/** Whether a process that `ownIdentity` named is still there. */
export function isAlive(identity: string): boolean {
  const [pid, started] = identity.split(" ");
  const stat = processStat(Number(pid));
  return stat !== undefined && stat.started === started && stat.state !== "Z";
}
