import type { Group } from "../../abi/groups.ts";
import type { Gap, Phase, Run, SourceKind } from "../../evidence/model.ts";
import type { Action } from "../../profile/action.ts";
import { errnoName } from "../../profile/errno.ts";

/** As time goes. */
export const PHASES: readonly Phase[] = ["runtime", "startup", "serving", "shutdown"];

export const PHASE_MEANING: Readonly<Record<Phase, string>> = {
  runtime: "the container runtime, after it loaded the filter and before it started the program",
  startup: "from the program's first instruction until it was ready",
  serving: "while it did its work",
  shutdown: "after it was told to stop",
};

const SOURCES: Readonly<Record<SourceKind, string>> = {
  ebpf: "eBPF",
  notify: "notify",
  static: "static analysis",
  strace: "strace log",
  "kernel-log": "kernel log",
  audit: "audit log",
  "brute-force": "trial and error",
  template: "template",
  profile: "other profile",
  "operator-log": "operator log",
  filter: "the filter alone",
};

/** A column of the matrix: runs that learn in the same way. */
export interface Column {
  readonly id: string;
  readonly label: string;
  /** What a mark in the column means. */
  readonly meaning: string;
  /** The reason that a mark gives; `makers` are the programs and libraries that it names. */
  readonly why: (makers: string | undefined) => string;
  readonly rank: number;
}

/** "made", and by whom where that is known. */
function by(text: string): Column["why"] {
  return makers => (makers === undefined ? text : `${text} by ${makers}`);
}

/** Whether a run looked at the container runtime alone, of which static analysis knows nothing. */
function isOfRuntime({ source, purpose }: Pick<Run, "source" | "purpose">): boolean {
  return purpose === "analyze" && source !== "static";
}

export function columnOf({ source, purpose }: Pick<Run, "source" | "purpose">): Column {
  const name = SOURCES[source];
  const id = `${purpose}-${source}`;
  if (isOfRuntime({ source, purpose }))
    return {
      id,
      label: "container runtime",
      meaning: "made by the container runtime itself, as it started the image",
      why: by("made"),
      rank: 6,
    };
  switch (purpose) {
    case "observe":
      return {
        id,
        label: `recorded (${name})`,
        meaning: "made while it was watched",
        why: by("made"),
        rank: 0,
      };
    case "analyze":
      return {
        id,
        label: name,
        meaning: "the code can reach it",
        why: makers => `reachable in ${makers ?? "the code"}`,
        rank: 1,
      };
    case "import":
      return { id, label: name, meaning: `in the ${name}`, why: by(`in the ${name}`), rank: 2 };
    case "minimize":
      return {
        id,
        label: name,
        meaning: "failed without it",
        why: () => "the program failed without it",
        rank: 3,
      };
    case "verify":
      return {
        id,
        label: "verification",
        meaning: "denied in a trial run, so it was added",
        why: by("missed in a trial run"),
        rank: 4,
      };
    case "enforce":
      return { id, label: "enforcement", meaning: "seen under the real filter", why: by("made"), rank: 5 };
  }
}

const PURPOSES: Readonly<Record<Run["purpose"], string>> = {
  observe: "recording",
  verify: "verification",
  enforce: "enforcement",
  analyze: "analysis",
  import: "import",
  minimize: "minimisation",
};

export function describeRun({ source, purpose }: Run): string {
  if (isOfRuntime({ source, purpose })) return `container runtime (${SOURCES[source]})`;
  return purpose === "verify" || purpose === "enforce"
    ? PURPOSES[purpose]
    : `${PURPOSES[purpose]} (${SOURCES[source]})`;
}

export const GROUP_LABELS: Readonly<Record<Group, string>> = {
  files: "files",
  watching: "watching files",
  "async-io": "asynchronous I/O",
  polling: "waiting for I/O",
  network: "network",
  processes: "processes",
  threads: "threads",
  memory: "memory",
  signals: "signals",
  time: "time",
  ipc: "between processes",
  identity: "users and rights",
  confinement: "confinement",
  keys: "keys",
  scheduling: "scheduling",
  limits: "limits",
  mounts: "mounts, namespaces",
  system: "system information",
  kernel: "the kernel itself",
  machine: "the machine",
  obsolete: "obsolete",
};

export const GAP_LABELS: Readonly<Record<Gap["kind"], string>> = {
  "unresolved-site": "unresolved call",
  "unknown-dlopen": "unknown library",
  "unknown-dlsym": "unknown function",
  "shared-memory": "shared memory",
  script: "script",
  "lost-events": "lost events",
  "results-unseen": "results unseen",
  "active-filter": "filter in force",
  "set-uid": "set-user-ID",
  "nested-listener": "nested listener",
  capability: "capability",
  "capabilities-unseen": "capabilities unseen",
  "not-watched": "not watched",
  capped: "cut short",
  killed: "killed",
  unreadable: "unreadable",
  executes: "executes others",
};

/** What a denied call is answered with, as a reader would say it. */
export function describeAnswer(action: Action): string {
  switch (action.kind) {
    case "errno":
      return `fails with ${errnoName(action.errno)}`;
    case "kill-process":
      return "ends the process";
    case "kill-thread":
      return "ends the thread";
    case "trap":
      return "raises SIGSYS";
    case "trace":
      return "is put to a tracer";
    case "notify":
      return "is put to a supervisor";
    case "allow":
    case "log":
      return "is let through";
  }
}
