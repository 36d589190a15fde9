import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";

export interface Traced {
  /** Names of the syscalls, sorted. */
  readonly syscalls: readonly string[];
  readonly status: number | null;
}

/**
 * The syscalls that a run of a program makes, by strace. What a process does after it has executed another program
 * is not the program's; the first execve is the tracer's.
 */
export function traceSyscalls(
  program: string,
  args: readonly string[] = [],
  options: { cwd?: string } = {},
): Traced {
  const log = path.join(tmpdir(), `seccraft-trace-${process.pid}-${path.basename(program)}`);
  try {
    const { status, error } = spawnSync("strace", ["-f", "-qq", "-o", log, program, ...args], {
      ...options,
      timeout: 30_000,
      stdio: ["ignore", "ignore", "ignore"],
    });
    if (error !== undefined) throw error;
    return { syscalls: namesIn(readFileSync(log, "utf8")), status };
  } finally {
    rmSync(log, { force: true });
  }
}

/** Names in the output of `strace -f`, cut at exec of another program. */
export function namesIn(log: string): string[] {
  const names = new Set<string>();
  const gone = new Set<string>();
  let isFirst = true;
  for (const line of log.split("\n")) {
    const match = /^(\d+)\s+(?:<\.\.\. (\w+) resumed>|(\w+)\()/.exec(line);
    if (match === null) continue;
    const [, pid = "", resumed, started] = match;
    const name = resumed ?? started ?? "";
    const executed = name === "execve" && line.endsWith("= 0");
    if (isFirst) {
      isFirst = !executed;
      continue;
    }
    if (!gone.has(pid)) names.add(name);
    if (executed) gone.add(pid);
  }
  return [...names].sort();
}
