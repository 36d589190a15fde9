import { ABIS, type AbiName } from "../abi/abi.ts";
import type { ArgumentValues, CallSite, Environment, Gap, Observation, Run, Target } from "./model.ts";

const PHASES: readonly string[] = ["runtime", "startup", "serving", "shutdown"];
const abiRank = new Map<AbiName, number>(ABIS.map((abi, rank) => [abi.name, rank]));

/** Order by UTF-16 code units, the same everywhere; `localeCompare` depends on the machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Absent first. */
function compareOptional(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  return compareText(a, b);
}

/** Numeric order of `0x…` values without leading zeros. */
export function compareHex(a: string, b: string): number {
  return a.length - b.length || compareText(a, b);
}

export function compareRuns(a: Run, b: Run): number {
  return compareText(a.id, b.id);
}

/** By run, ABI (common ones first), number, phase (as time goes), executable, entry, label, reason. */
export function compareObservations(a: Observation, b: Observation): number {
  return (
    compareText(a.run, b.run) ||
    (abiRank.get(a.abi) ?? 0) - (abiRank.get(b.abi) ?? 0) ||
    a.number - b.number ||
    PHASES.indexOf(a.phase ?? "") - PHASES.indexOf(b.phase ?? "") ||
    compareOptional(a.executable, b.executable) ||
    compareOptional(a.entry, b.entry) ||
    compareOptional(a.label, b.label) ||
    compareOptional(a.reason, b.reason)
  );
}

export function compareGaps(a: Gap, b: Gap): number {
  return (
    compareText(a.run, b.run) ||
    compareText(a.kind, b.kind) ||
    compareText(a.reason, b.reason) ||
    compareOptional(siteKey(a.place), siteKey(b.place))
  );
}

function siteKey(site: CallSite | undefined): string | undefined {
  return site && JSON.stringify(canonicalSite(site));
}

/** What two observations must share to be one; unambiguous for any text in the fields. */
export function observationKey(o: Observation): string {
  const head = `${o.abi} ${o.number} ${o.phase ?? ""} ${o.entry ?? ""} ${o.label ?? ""} ${o.reason ?? ""} ${o.run.length} ${o.run}`;
  return o.executable === undefined ? head : `${head} ${o.executable}`;
}

export function gapKey(g: Gap): string {
  return JSON.stringify([g.run, g.kind, g.reason, siteKey(g.place) ?? null]);
}

/** Keys of a plain object in order, so that the same content prints as the same bytes. */
function sortedRecord<V>(record: Readonly<Record<string, V>>): Record<string, V> {
  return Object.fromEntries(
    Object.keys(record)
      .sort(compareText)
      .map(key => [key, record[key] as V]),
  );
}

function canonicalTarget(t: Target): Target {
  switch (t.kind) {
    case "command":
      return { kind: t.kind, argv: [...t.argv], ...optional("directory", t.directory) };
    case "file":
      return {
        kind: t.kind,
        path: t.path,
        ...optional("sha256", t.sha256),
        ...optional("buildId", t.buildId),
      };
    case "process":
      return { kind: t.kind, pid: t.pid, ...optional("executable", t.executable) };
    case "cgroup":
    case "log":
      return { kind: t.kind, path: t.path };
    case "image":
      return { kind: t.kind, name: t.name, ...optional("digest", t.digest) };
    case "container":
      return { kind: t.kind, id: t.id, ...optional("image", t.image) };
  }
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}

function canonicalEnvironment(e: Environment): Environment {
  return {
    ...optional("kernel", e.kernel),
    ...optional("machine", e.machine),
    ...optional("libc", e.libc),
    ...optional("user", e.user),
    ...optional("noNewPrivileges", e.noNewPrivileges),
  };
}

/** The same run with its fields in a fixed order and nothing undefined. */
export function canonicalRun(r: Run): Run {
  return {
    id: r.id,
    source: r.source,
    purpose: r.purpose,
    target: canonicalTarget(r.target),
    tool: r.tool,
    ...optional("started", r.started),
    finished: r.finished,
    ...optional("environment", r.environment && canonicalEnvironment(r.environment)),
    ...optional("seconds", r.seconds),
  };
}

function canonicalSite(s: CallSite): CallSite {
  return { file: s.file, ...optional("address", s.address), ...optional("function", s.function) };
}

/** One entry an index: values united, complete only when all are. */
export function mergeArguments(list: readonly ArgumentValues[]): readonly ArgumentValues[] {
  const merged = new Map<number, { index: number; values: Set<string>; complete: boolean }>();
  for (const a of list) {
    const known = merged.get(a.index);
    if (known === undefined) {
      merged.set(a.index, { index: a.index, values: new Set(a.values), complete: a.complete });
    } else {
      for (const value of a.values) known.values.add(value);
      known.complete &&= a.complete;
    }
  }
  return [...merged.values()]
    .sort((a, b) => a.index - b.index)
    .map(a => ({ index: a.index, values: [...a.values].sort(compareHex), complete: a.complete }));
}

/** The same observation with its fields, errnos, arguments and values in order. Written for speed: there may be 10⁵. */
export function canonicalObservation(o: Observation): Observation {
  const result: { -readonly [K in keyof Observation]: Observation[K] } = {
    run: o.run,
    abi: o.abi,
    number: o.number,
    syscall: o.syscall,
  };
  if (o.phase !== undefined) result.phase = o.phase;
  if (o.executable !== undefined) result.executable = o.executable;
  if (o.entry !== undefined) result.entry = o.entry;
  if (o.label !== undefined) result.label = o.label;
  if (o.reason !== undefined) result.reason = o.reason;
  if (o.count !== undefined) result.count = o.count;
  if (o.firstSeen !== undefined) result.firstSeen = o.firstSeen;
  if (o.errnos !== undefined) result.errnos = sortedRecord(o.errnos);
  if (o.arguments !== undefined) result.arguments = mergeArguments(o.arguments);
  if (o.distance !== undefined) result.distance = o.distance;
  if (o.inScripts !== undefined) result.inScripts = o.inScripts;
  if (o.path !== undefined) result.path = o.path.map(canonicalSite);
  return result;
}

export function canonicalGap(g: Gap): Gap {
  return {
    run: g.run,
    kind: g.kind,
    reason: g.reason,
    ...optional("place", g.place && canonicalSite(g.place)),
    ...optional("path", g.path?.map(canonicalSite)),
    ...optional("remedy", g.remedy),
    ...optional("count", g.count),
    ...optional("capabilities", g.capabilities && [...g.capabilities]),
  };
}
