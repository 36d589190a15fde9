import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

interface Line {
  readonly thread: string;
  readonly name: string;
}

/** Calls in the order of their starts: `123 openat(…` and `123 openat(… <unfinished ...>`. */
function callsIn(log: string): Line[] {
  return log.split("\n").flatMap(text => {
    const match = /^(?<thread>\d+) +(?<name>\w+)\(/.exec(text);
    const { thread, name } = match?.groups ?? {};
    return thread === undefined || name === undefined ? [] : [{ thread, name }];
  });
}

/** Who made whom: a thread's or process's id to its maker's. */
function makers(log: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const text of log.split("\n")) {
    // What a process is called inside of the container is translated.
    const match =
      /^(?<maker>\d+) +(?:<\.\.\. )?(?:clone3?|v?fork)(?:\(| resumed).*= (?:\d+ \/\* )?(?<made>\d+)(?: in strace's PID NS \*\/)?$/.exec(
        text,
      )?.groups ?? {};
    if (match["made"] !== undefined && match["maker"] !== undefined) found.set(match["made"], match["maker"]);
  }
  return found;
}

/**
 * What runc's container calls, by strace, from the first prctl(2) on that its first process makes in its new root, that
 * call excepted: what oci-seccomp-bpf-hook looks at, found by other means.
 * @param args of runc, `run` among them
 */
export function traceContainer(args: readonly string[], logFile: string): Set<string> {
  const { status, stderr } = spawnSync(
    "strace",
    ["-f", "-qq", "-s0", "--pidns-translation", "-o", logFile, "runc", ...args],
    {
      encoding: "utf8",
      timeout: 60_000,
    },
  );
  if (status !== 0) throw new Error(`strace runc ${args.join(" ")}: ${stderr}`);
  const log = readFileSync(logFile, "utf8");
  const calls = callsIn(log);
  const maker = makers(log);
  const pivot = calls.findIndex(call => call.name === "pivot_root");
  const first = calls[pivot]?.thread;
  if (first === undefined) throw new Error("runc has not called pivot_root");
  const begin = calls.findIndex((call, i) => i > pivot && call.thread === first && call.name === "prctl");
  // The first process's threads and children are made by it, or by one of them.
  const inside = (thread: string): boolean => {
    for (let at: string | undefined = thread; at !== undefined; at = maker.get(at))
      if (at === first) return true;
    return false;
  };
  return new Set(
    calls
      .slice(begin + 1)
      .filter(call => inside(call.thread))
      .map(call => call.name),
  );
}
