import { readFileSync } from "node:fs";

/** An id as runtimes write it into a cgroup's name. */
const ID = /[0-9a-f]{64}/g;
const SHORT = 12;
/** Different processes that are remembered. */
const MOST = 10_000;

/**
 * Tells by which names the container of a process is known: the names of its cgroups and of those above, and the ids in them, whole and
 * short. Undefined for a process that is gone, unless it was asked for before.
 */
export function containerNames(): (pid: number) => readonly string[] | undefined {
  const known = new Map<number, readonly string[]>();
  return pid => {
    // A number may be given anew: what is there now is right.
    const names = namesNow(pid) ?? known.get(pid);
    if (names !== undefined && (known.has(pid) || known.size < MOST)) known.set(pid, names);
    return names;
  };
}

function namesNow(pid: number): readonly string[] | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/cgroup`, "utf8");
  } catch {
    return undefined;
  }
  const cgroups = text.split("\n").map(line => line.slice(line.indexOf(":", line.indexOf(":") + 1) + 1));
  const ids = text.match(ID) ?? [];
  return [...new Set([...cgroups.flatMap(andAbove), ...ids, ...ids.map(id => id.slice(0, SHORT))])];
}

/** `/a/b` and `/a`: a container may make cgroups of its own below its own. */
function andAbove(name: string): string[] {
  const parts = name.split("/").slice(1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}
