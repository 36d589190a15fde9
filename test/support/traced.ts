import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import path from "node:path";

/** What strace saw of one program: its own calls and its children's, until they execute another program. */
export interface Traced {
  readonly calls: ReadonlySet<string>;
  /** Real path of the program. */
  readonly program: string;
}

function realpath(name: string): string {
  try {
    return realpathSync(name);
  } catch {
    return name;
  }
}

/** Reads `strace -f -o FILE` and leaves out what processes do after they have executed something else. */
export function callsUntilExec(log: string, program: string): Set<string> {
  const calls = new Set<string>();
  const gone = new Set<string>();
  const pending = new Map<string, string>();
  // A child may be seen before its parent's call returns; whether the parent was gone is known then.
  const early = new Map<string, Set<string>>();
  const born = new Set<string>();
  for (const line of log.split("\n")) {
    const match = /^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$/.exec(line);
    if (match === null) continue;
    const [, pid = "", resumed, begun, rest = ""] = match;
    const name = resumed ?? begun ?? "";
    const text = resumed === undefined ? rest : `${pending.get(pid) ?? ""}${rest}`;
    if (begun !== undefined) {
      if (born.size === 0) born.add(pid);
      if (!born.has(pid)) early.set(pid, (early.get(pid) ?? new Set()).add(name));
      else if (!gone.has(pid)) calls.add(name);
      if (rest.endsWith("<unfinished ...>")) pending.set(pid, rest);
    }
    const result = / = (-?\d+)/.exec(rest)?.[1];
    if (/^(clone|clone3|fork|vfork)$/.test(name) && result !== undefined) {
      born.add(result);
      if (gone.has(pid)) gone.add(result);
      else for (const call of early.get(result) ?? []) calls.add(call);
      early.delete(result);
    }
    if ((name === "execve" || name === "execveat") && result === "0") {
      const executed = /"([^"]+)"/.exec(text)?.[1] ?? "";
      if (realpath(executed) !== program) gone.add(pid);
    }
  }
  for (const names of early.values()) for (const call of names) calls.add(call);
  return calls;
}

/** Runs a command under strace. It is stopped after `seconds`, which is no failure. */
export function trace(argv: readonly string[], folder: string, seconds = 10, input = ""): Traced {
  const [name = "", ...args] = argv;
  const program = realpath(name);
  const log = path.join(folder, `${path.basename(name)}.strace`);
  spawnSync("strace", ["-f", "-qq", "-s", "256", "-o", log, name, ...args], {
    cwd: folder,
    timeout: seconds * 1000,
    killSignal: "SIGKILL",
    input,
    stdio: ["pipe", "ignore", "ignore"],
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: folder, LANG: "C.UTF-8" },
  });
  return { calls: callsUntilExec(readFileSync(log, "latin1"), program), program };
}
