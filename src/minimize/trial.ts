import { closeSync, openSync, readSync, statSync } from "node:fs";
import { get as httpGet } from "node:http";
import { get as httpsGet } from "node:https";
import path from "node:path";
import type { Filters } from "../craft/filters.ts";
import { isContainer } from "../craft/containers.ts";
import { filtersOf } from "../craft/filters.ts";
import { runSession, type Session, type Workload } from "../craft/session.ts";
import { needsNoNewPrivileges } from "../craft/verify.ts";
import type { Engine, Exit, LaunchSpec, Running } from "../engine/engine.ts";
import { readyAt, type ReadySpec } from "../engine/ready.ts";
import { TargetError } from "../errors.ts";
import type { Phase } from "../evidence/model.ts";
import type { Denial } from "../record/notify/protocol.ts";
import { watchDenials, type DenialWatch } from "../record/notify/recorder.ts";
import type { Behaviour } from "./behaviour.ts";
import type { DeniedCall } from "./journal.ts";
import type { SuccessSpec } from "./success.ts";
import { documentOf, unitOfCall, type Base, type Unit } from "./units.ts";

/** What is to be tried. */
export interface Trial {
  /**
   * `untouched`: without a filter. `watched`: denied calls are answered by us, who therefore know them. `enforced`: by
   * the kernel alone.
   */
  readonly mode: "untouched" | "watched" | "enforced";
  /** Sorted; absent for an untouched run. */
  readonly allowed?: readonly Unit[];
}

/** How runs are done, whatever is tried in them. */
export interface TrialSetting {
  readonly engine: Engine;
  readonly workload: Workload;
  readonly base: Base;
  /** Files of which what is appended counts as output. */
  readonly logs: readonly string[];
  /** Asked for before the target is stopped. */
  readonly servers: readonly Extract<SuccessSpec, { kind: "http" }>[];
}

export interface TrialLimits {
  /** For becoming ready, for each exercise, or for ending by itself. */
  readonly limitMs: number;
  /** To end after SIGTERM. */
  readonly graceMs: number;
}

export interface TrialOutcome {
  readonly behaviour: Behaviour;
  readonly denied: readonly DeniedCall[] | undefined;
}

const HTTP_MS = 5000;
const MOST_APPENDED = 256 * 1024;

/** Also for recording: a run of the target in its folder, with what could be seen of it. */
export async function observe(
  setting: TrialSetting,
  limits: TrialLimits,
  directory: string | undefined,
  launch: Pick<LaunchSpec, "filter" | "profile" | "noNewPrivileges" | "cgroup">,
  hooks: {
    readonly onStart?: (running: Running) => Promise<void>;
    readonly onPhase?: (phase: Phase) => void;
    readonly signal?: AbortSignal;
  },
): Promise<Behaviour> {
  const workload = workloadIn(setting.workload, directory, limits.limitMs);
  const place = (file: string): string => path.resolve(workload.directory ?? ".", file);
  const before = setting.logs.map(file => sizeOf(place(file)));
  const statuses: Record<string, number> = {};
  const started = performance.now();
  let running: Running | undefined;
  let session: Session | undefined;
  let failure: string | undefined;
  let output = "";
  try {
    session = await runSession(setting.engine, workload, launch, {
      ...hooks,
      graceMs: limits.graceMs,
      onStart: async started => {
        running = started;
        await hooks.onStart?.(started);
      },
      onServed: async ({ address }) => {
        for (const server of setting.servers) {
          const at = readyAt(server, address);
          statuses[server.url] = await statusOf(at.kind === "http" ? at.url : server.url);
        }
      },
    });
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    failure = error.message;
    output = error.output;
  }
  return {
    failure,
    exit: session?.exit ?? (await exitOf(running)),
    seconds: session?.seconds ?? (performance.now() - started) / 1000,
    output: running?.outputTail() ?? output,
    appended: Object.fromEntries(
      setting.logs.map((file, index) => [file, appendedTo(place(file), before[index] ?? 0)]),
    ),
    statuses,
    killed: session?.killed ?? false,
    leftBehind: session?.leftBehind ?? false,
  };
}

/** Tries something once. Nothing of the target is left when this returns or throws. */
export async function runTrial(
  setting: TrialSetting,
  trial: Trial,
  limits: TrialLimits,
  directory: string | undefined,
  signal: AbortSignal | undefined,
): Promise<TrialOutcome> {
  const aborting = signal === undefined ? {} : { signal };
  const noNewPrivileges = needsNoNewPrivileges();
  if (trial.mode === "untouched") {
    const behaviour = await observe(setting, limits, directory, { noNewPrivileges }, aborting);
    return { behaviour, denied: undefined };
  }
  const profile = documentOf(trial.allowed ?? [], setting.base);
  if (isContainer(setting.engine)) {
    const launch = { profile, noNewPrivileges };
    return { behaviour: await observe(setting, limits, directory, launch, aborting), denied: undefined };
  }
  const filters = filtersOf(profile);
  if (trial.mode === "enforced") {
    const launch = { filter: filters.enforced, noNewPrivileges };
    return { behaviour: await observe(setting, limits, directory, launch, aborting), denied: undefined };
  }
  return await watched(setting, filters, limits, directory, aborting);
}

async function watched(
  setting: TrialSetting,
  filters: Filters,
  limits: TrialLimits,
  directory: string | undefined,
  aborting: { readonly signal?: AbortSignal },
): Promise<TrialOutcome> {
  const denied = new Map<string, DeniedCall>();
  let watch: DenialWatch | undefined;
  let behaviour: Behaviour;
  try {
    const launch = { filter: filters.reported, noNewPrivileges: needsNoNewPrivileges() };
    behaviour = await observe(setting, limits, directory, launch, {
      ...aborting,
      onStart: running => {
        watch = watchDenials(running, {
          program: filters.enforced.program,
          learn: false,
          phase: "startup",
          onDenial: denial => count(denied, denial),
        });
        return watch.ready;
      },
      onPhase: phase => watch?.setPhase(phase),
    });
  } finally {
    await watch?.stop();
  }
  return { behaviour, denied: [...denied.values()] };
}

function count(denied: Map<string, DeniedCall>, denial: Denial): void {
  const unit = unitOfCall(denial.syscall, denial.args);
  const known = denied.get(unit);
  denied.set(unit, {
    syscall: denial.syscall,
    unit,
    times: (known?.times ?? 0) + 1,
    executable: known?.executable ?? denial.executable,
  });
}

/** The exit of a target that ended by itself although the run failed; it is gone by now. */
async function exitOf(running: Running | undefined): Promise<Exit | undefined> {
  return await running?.exited.catch(() => undefined);
}

function workloadIn(workload: Workload, directory: string | undefined, timeoutMs: number): Workload {
  const placed = { ...workload, timeoutMs, expectedExit: undefined };
  if (directory === undefined) return placed;
  return { ...placed, directory, ready: readyIn(workload.ready, directory) };
}

function readyIn(ready: ReadySpec, directory: string): ReadySpec {
  if (ready.kind !== "unix" && ready.kind !== "file") return ready;
  return { ...ready, path: path.resolve(directory, ready.path) };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function appendedTo(file: string, before: number): string {
  const size = sizeOf(file);
  // A file that has shrunk was written anew.
  const from = Math.max(size < before ? 0 : before, size - MOST_APPENDED);
  if (size <= from) return "";
  const bytes = Buffer.alloc(size - from);
  const fd = openSync(file, "r");
  try {
    return bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, from));
  } finally {
    closeSync(fd);
  }
}

function statusOf(url: string): Promise<number> {
  return new Promise(resolve => {
    const options = { agent: false as const, timeout: HTTP_MS, rejectUnauthorized: false };
    const request = (url.startsWith("https:") ? httpsGet : httpGet)(url, options, response => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", () => resolve(0));
    });
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", () => resolve(0));
  });
}
