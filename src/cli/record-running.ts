import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findContainer } from "../engine/running.ts";
import { EXIT, InputError, UsageError } from "../errors.ts";
import { printEvidence } from "../evidence/codec.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence, Gap, Target } from "../evidence/model.ts";
import { ensureFolder } from "../files.ts";
import { cgroupProcesses, openCgroup } from "../linux/cgroup.ts";
import { canTrace } from "../linux/features.ts";
import type { RunFolder } from "../linux/runfolder.ts";
import { chooseRecorder } from "../record/choose.ts";
import type { Recording, Scope } from "../record/recorder.ts";
import type { RecordCliOptions } from "./commands/record.ts";
import { GrowingFile } from "./growing.ts";
import { deliver, followLine } from "./record-output.ts";
import { RecordView } from "./record-view.ts";
import { writeResult } from "./result.ts";
import { tell } from "./say.ts";

const CHECKPOINT_MS = 1000;
const LOOK_MS = 200;

type RunningScope = Extract<Scope, { kind: "process" | "cgroup" }>;

/** Something that runs already. */
interface Found {
  readonly name: string;
  readonly scope: RunningScope;
  readonly target: Target;
  readonly gaps: readonly Omit<Gap, "run">[];
}

/** A recording of it that is under way. */
interface Watched extends Found {
  readonly recording: Recording;
  readonly growing: GrowingFile | undefined;
}

/** Records what runs already until it ends, the time is up, or ^C; returns the exit code. */
export async function recordRunning(
  options: RecordCliOptions,
  folder: RunFolder,
  signal: AbortSignal,
): Promise<number> {
  const found = await findAll(options);
  if (found.length > 1 && options.out === undefined)
    throw new UsageError("several containers or cgroups need --out DIR: each gets files of its own");
  if (options.out !== undefined) ensureFolder(options.out);
  if (options.out !== undefined && (options.output ?? options.evidence) !== undefined)
    throw new UsageError("--out takes the place of -o and --evidence");
  const recorder = chooseRecorder(options.recorder === "auto" ? "ebpf" : options.recorder, canTrace);
  const watched: Watched[] = [];
  const view = options.follow === true ? undefined : new RecordView();
  try {
    for (const each of found) {
      const recording = await recorder.open({
        scope: each.scope,
        target: each.target,
        purpose: "observe",
        phase: "serving",
        folder,
        ...(view === undefined ? { onNew: followLine } : view.hooks(each.name)),
      });
      const file = evidenceFile(each, options);
      const growing = file === undefined ? undefined : new GrowingFile(file, folder);
      watched.push({ ...each, gaps: [...each.gaps, ...underFilter(each.scope)], recording, growing });
    }
    if (options.out !== undefined) tell(`seccraft: recording ${found.length}, ^C ends it\n`);
    view?.begin();
    await watchAll(watched, options, signal, view);
    view?.end();
  } finally {
    view?.stop();
    for (const { recording } of watched) await recording.abandon();
  }
  return EXIT.ok;
}

async function findAll(options: RecordCliOptions): Promise<readonly Found[]> {
  const { pid } = options;
  if (pid !== undefined) {
    if (!isAlive(pid)) throw new InputError(`there is no process ${pid}`, { field: "--pid" });
    return [
      { name: String(pid), scope: { kind: "process", pid }, target: { kind: "process", pid }, gaps: [] },
    ];
  }
  const found: Found[] = [];
  for (const id of options.container) found.push(await container(id, options.runcRoot));
  for (const name of options.cgroup) {
    const cgroup = openCgroup(name);
    found.push({
      name: path.basename(cgroup.name) || "root",
      scope: { kind: "cgroup", path: cgroup.path },
      target: { kind: "cgroup", path: name },
      gaps: [],
    });
  }
  return distinct(found);
}

async function container(wanted: string, root: string | undefined): Promise<Found> {
  const { id, name, image, pid, cgroup } = await findContainer(wanted, root);
  return {
    name,
    target: { kind: "container", id, ...(image === undefined ? {} : { image }) },
    ...(cgroup === undefined
      ? {
          scope: { kind: "process" as const, pid },
          gaps: [
            {
              kind: "not-watched" as const,
              reason:
                "the container has no cgroup v2 of its own: its main process and what that starts was watched, not what enters by exec",
            },
          ],
        }
      : {
          scope: {
            kind: "cgroup" as const,
            path: openCgroup(cgroup).path,
            // Without a filter nothing tells where the runtime's work ends.
            container: hasFilter(pid),
          },
          gaps: [],
        }),
  };
}

/** Names that serve as names of files, each once. */
function distinct(found: readonly Found[]): readonly Found[] {
  const taken = new Set<string>();
  return found.map(each => {
    const base = each.name.replaceAll(/[^\w.-]/g, "_").replace(/^\.+/, "_");
    let name = base;
    for (let i = 2; taken.has(name); i++) name = `${base}-${i}`;
    taken.add(name);
    return { ...each, name };
  });
}

function evidenceFile({ name }: Found, { out, evidence }: RecordCliOptions): string | undefined {
  return out === undefined ? evidence : path.join(out, `${name}.evidence.json`);
}

async function watchAll(
  watched: readonly Watched[],
  options: RecordCliOptions,
  signal: AbortSignal,
  view: RecordView | undefined,
): Promise<void> {
  const until = options.duration === undefined ? Infinity : performance.now() + options.duration;
  let checkpoint = performance.now() + CHECKPOINT_MS;
  let open = watched;
  while (open.length > 0 && !signal.aborted && performance.now() < until) {
    const ended = open.filter(({ scope }) => hasEnded(scope));
    for (const each of ended) await finish(each, options, view);
    open = open.filter(each => !ended.includes(each));
    if (performance.now() > checkpoint) {
      for (const { growing, recording } of open) growing?.checkpoint(printEvidence(recording.snapshot()));
      checkpoint = performance.now() + CHECKPOINT_MS;
    }
    const wait = Math.min(LOOK_MS, until - performance.now());
    if (open.length > 0) await sleep(wait, undefined, { signal }).catch(() => undefined);
  }
  for (const each of open) await finish(each, options, view);
}

function hasEnded(scope: RunningScope): boolean {
  return scope.kind === "process" ? !isAlive(scope.pid) : !existsSync(scope.path);
}

async function finish(
  { recording, growing, name, gaps }: Watched,
  options: RecordCliOptions,
  view: RecordView | undefined,
): Promise<void> {
  const evidence = withGaps(await recording.finish(), gaps);
  if (options.out === undefined) view?.end();
  growing?.finish(printEvidence(evidence));
  if (options.out === undefined) deliver(evidence, options);
  else
    writeResult(evidence, {
      ...options,
      output: path.join(options.out, `${name}.${EXTENSIONS[options.format]}`),
    });
}

const EXTENSIONS = { oci: "json", names: "names.txt", table: "table.txt", evidence: "all.json" } as const;

function withGaps(evidence: Evidence, gaps: readonly Omit<Gap, "run">[]): Evidence {
  const [run] = evidence.runs;
  if (run === undefined || gaps.length === 0) return evidence;
  return joinEvidence(evidence, {
    seccraft: "evidence/1",
    runs: [],
    observations: [],
    gaps: gaps.map(gap => ({ run: run.id, ...gap })),
  });
}

function status(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "latin1");
  } catch {
    return "";
  }
}

function isAlive(pid: number): boolean {
  const text = status(pid);
  return text !== "" && !/^State:\t[ZX]/m.test(text);
}

function hasFilter(pid: number): boolean {
  return /^Seccomp:\t2$/m.test(status(pid));
}

/** A filter that is in force already hides what it kills, and what it denies is seen by its answer only. */
function underFilter(scope: RunningScope): readonly Omit<Gap, "run">[] {
  const processes = scope.kind === "process" ? [scope.pid] : cgroupProcesses(scope.path);
  if (!processes.some(hasFilter)) return [];
  return [
    {
      kind: "active-filter",
      reason:
        "the process runs under a seccomp filter: what the filter answers with an errno was seen, what it would have done afterwards was not",
      remedy: "Record it once more under a profile that allows everything.",
    },
  ];
}
