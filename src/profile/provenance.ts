import type { Observation } from "../evidence/model.ts";
import type { Reason } from "./derive.ts";

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function sorted(values: Iterable<string | undefined>): string[] {
  return [...new Set(values)].filter(value => value !== undefined).sort();
}

/** Only static analysis knows ways to a call; what was seen as well needs none. */
function isReachable({ path, distance }: Observation): boolean {
  return path !== undefined || distance !== undefined;
}

function describeObservations(all: readonly Observation[]): string[] {
  if (all.length === 0) return [];
  const seen = all.filter(each => !isReachable(each));
  const [how, observations] = seen.length === 0 ? ["reachable", all] : ["observed", seen];
  const who = sorted(
    observations.map(seen => (seen.executable === undefined ? undefined : baseName(seen.executable))),
  );
  const when = sorted(observations.map(seen => seen.phase));
  const labels = sorted(observations.map(seen => seen.label));
  const count = observations.reduce((sum, seen) => sum + (seen.count ?? 0), 0);
  const parts = [
    who.length === 0 ? how : `${how} in ${who.slice(0, 4).join(", ")}${who.length > 4 ? ", …" : ""}`,
    ...(when.length === 0 ? [] : [`while ${when.join(", ")}`]),
    ...(count === 0 ? [] : [count === 1 ? "once" : `${count} times`]),
    ...(labels.length === 0 ? [] : [`(${labels.join(", ")})`]),
  ];
  const denied = observations.some(seen => seen.reason !== undefined);
  return [parts.join(" ") + (denied ? ", added when it was found denied" : "")];
}

/** One line that says why a syscall is allowed. */
export function describeReasons(reasons: readonly Reason[]): string {
  const observations = reasons.flatMap(reason => (reason.kind === "observed" ? [reason.observation] : []));
  const others = reasons.flatMap(reason => {
    if (reason.kind === "runtime") return [`${reason.runtime} needs it after loading the filter`];
    return reason.kind === "essential"
      ? ["every program may need it to end or to come back from a signal"]
      : [];
  });
  return [...describeObservations(observations), ...new Set(others)].join("; ");
}
