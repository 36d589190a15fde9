import { readFileSync } from "node:fs";
import process from "node:process";

interface Limit {
  readonly soft: number;
  readonly hard: number;
}

function openFiles(pid: number | "self"): Limit | undefined {
  try {
    const match = /^Max open files +(\d+) +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"));
    return match === null ? undefined : { soft: Number(match[1]), hard: Number(match[2]) };
  } catch {
    return undefined;
  }
}

/**
 * The soft limit of open files that we were started with. Node raises its own to the hard limit, children inherit that,
 * and a server that would raise it by itself then makes one system call less. Taken from our parent when it has the
 * same hard limit; undefined when it is not known to have been lower.
 */
export function openFilesBeforeNode(): number | undefined {
  const own = openFiles("self");
  const parent = openFiles(process.ppid);
  if (own === undefined || parent === undefined || parent.hard !== own.hard) return undefined;
  return parent.soft < own.soft ? parent.soft : undefined;
}
