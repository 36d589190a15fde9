import { cpus } from "node:os";
import path from "node:path";
import process from "node:process";
import { thisHost } from "../record/host.ts";
import { targetOf, type Workload } from "../craft/session.ts";
import { isContainer } from "../craft/containers.ts";
import type { ContainerOptions } from "../engine/container.ts";
import type { Engine } from "../engine/engine.ts";
import { describeReady, type ReadySpec } from "../engine/ready.ts";
import { UsageError } from "../errors.ts";
import { didYouMean } from "../suggest.ts";
import type { RunFolder } from "../linux/runfolder.ts";
import type { Action } from "../profile/action.ts";
import { DEFAULT_POLICY, ESSENTIAL } from "../profile/derive.ts";
import { abiByScmp } from "../abi/abi.ts";
import { syscallByName, syscallNames } from "../abi/syscalls.ts";
import type { ProfileDocument } from "../profile/document.ts";
import { architecturesFor } from "../profile/host.ts";
import type { Recorder } from "../record/recorder.ts";
import type { RuntimeBase } from "../profile/runtime-base.ts";
import type { MinimizeEvent } from "./events.ts";
import { forgetSearch, Journal, type Header } from "./journal.ts";
import type { Budget } from "./lab.ts";
import { minimize } from "./minimize.ts";
import { observedBase, type Minimized } from "./options.ts";
import { parseSuccess, type SuccessSpec } from "./success.ts";
import type { TrialSetting } from "./trial.ts";
import { documentOf, type Base } from "./units.ts";
import { Workspace, type CopyChoice } from "./workspace.ts";

export type Deny = "EPERM" | "ENOSYS" | "kill";

/** A search as a user asks for it. */
export interface SearchRequest {
  readonly workload: Workload;
  /** `--success` texts. */
  readonly success: readonly string[];
  readonly engine: Engine;
  /** How the container is run, when the engine starts containers, and its image's digest, where it has one. */
  readonly container?: { readonly options: ContainerOptions; readonly digest: string | undefined };
  /** The container runtime whose own calls are kept; `none` has them tried like all others. */
  readonly runtime: RuntimeBase;
  readonly recorder: Recorder;
  readonly deny: Deny;
  /** Undefined: everything is allowed at first. */
  readonly start:
    | { readonly document: ProfileDocument; readonly name: string; readonly hash: string }
    | undefined;
  readonly keep: readonly string[];
  /** Undefined: as many as there are processors, or one where runs could get into each other's way. */
  readonly jobs: number | undefined;
  /** Whether denied calls are answered by us. Containers' are answered by the kernel, whatever is asked for. */
  readonly watched: boolean;
  readonly repeat: number;
  readonly budget: Budget;
  readonly arguments: boolean;
  readonly copy: CopyChoice;
  /** Folder of the journal. */
  readonly journal: string;
  /** Forget what is there. */
  readonly fresh: boolean;
}

const ACTIONS: Readonly<Record<Deny, Action>> = {
  EPERM: { kind: "errno", errno: 1 },
  ENOSYS: { kind: "errno", errno: 38 },
  kill: { kind: "kill-process" },
};

export function baseOf(deny: Deny, start: ProfileDocument | undefined): Base {
  const host = thisHost();
  const listed = start === undefined ? undefined : architecturesFor(start, host);
  const abis = (listed ?? []).flatMap(scmp => abiByScmp(scmp)?.name ?? []);
  return {
    start,
    abis: abis.length === 0 ? [host.abi] : abis,
    policy: { ...DEFAULT_POLICY, defaultAction: ACTIONS[deny] },
    host,
  };
}

/** @throws UsageError for specs that do not fit the workload */
export function specsOf(texts: readonly string[], workload: Workload): SuccessSpec[] {
  const specs = texts.map(parseSuccess).filter(spec => spec !== undefined);
  if (workload.ready.kind === "exit" && specs.some(spec => spec.kind === "http"))
    throw new UsageError(
      "--success http:URL needs --ready: a command that ends by itself is not there to answer",
    );
  if (texts.includes("exercise") && workload.exercises.length === 0)
    throw new UsageError("--success exercise needs an --exercise");
  return specs;
}

export function settingOf(
  workload: Workload,
  specs: readonly SuccessSpec[],
  engine: Engine,
  base: Base,
): TrialSetting {
  return {
    engine,
    workload,
    base,
    logs: specs.flatMap(spec => (spec.kind === "errors" && spec.file !== undefined ? [spec.file] : [])),
    servers: specs.filter(spec => spec.kind === "http"),
  };
}

export interface SearchResult extends Minimized {
  readonly document: ProfileDocument;
  readonly base: Base;
}

/**
 * Carries a search out, or goes on with it where its journal ends.
 * @throws what `minimize` throws; UsageError for options that contradict each other or the journal
 */
export async function runSearch(
  request: SearchRequest,
  folder: RunFolder,
  signal?: AbortSignal,
  onEvent?: (event: MinimizeEvent) => void,
): Promise<SearchResult> {
  const { workload, engine, keep, start } = request;
  const specs = specsOf(request.success, workload);
  const base = baseOf(request.deny, start?.document);
  for (const name of keep) {
    if (!base.abis.some(abi => syscallByName(abi, name) !== undefined))
      throw new UsageError(
        `--keep: ${name} is no syscall of ${base.abis.join(" or ")}${didYouMean(name, syscallNames())}`,
      );
  }
  const directory = path.resolve(workload.directory ?? process.cwd());
  const container = isContainer(engine);
  if (request.fresh) forgetSearch(request.journal);
  const journal = Journal.open(request.journal, headerOf(request, directory));
  try {
    // Each container has a root of its own anyway.
    const copy = container ? "never" : request.copy;
    const workspace = Workspace.open(directory, [path.resolve(request.journal)], folder.path, copy);
    const minimized = await minimize({
      setting: settingOf(workload, specs, engine, base),
      success: specs,
      recorder: request.recorder,
      target: targetOf({ ...workload, directory }),
      keep: [...new Set([...keep, ...ESSENTIAL])],
      runtime: request.runtime,
      jobs: request.jobs ?? (workspace.copies || container ? jobsFor(workload, specs, engine) : 1),
      watched: request.watched && !container,
      repeat: request.repeat,
      budget: request.budget,
      arguments: request.arguments,
      journal,
      workspace,
      folder,
      ...(signal === undefined ? {} : { signal }),
      ...(onEvent === undefined ? {} : { onEvent }),
    });
    const observed = observedBase(base, minimized.recorded);
    return { ...minimized, base: observed, document: documentOf(minimized.report.units, observed) };
  } finally {
    journal.close();
  }
}

function headerOf(request: SearchRequest, directory: string): Header {
  const { workload, start } = request;
  return {
    seccraft: "minimize/1",
    argv: workload.argv,
    directory,
    engine: request.engine.name,
    ...(request.container === undefined ? {} : { container: request.container.options }),
    ...(request.container?.digest === undefined ? {} : { digest: request.container.digest }),
    ready: writtenReady(workload.ready),
    exercises: workload.exercises,
    timeoutMs: workload.timeoutMs,
    expectedExit: workload.expectedExit ?? 0,
    success: request.success,
    deny: request.deny,
    start: start?.name ?? "all",
    startHash: start?.hash ?? "",
    keep: request.keep,
    runtime: request.runtime,
  };
}

/** As `parseReady` takes it back. */
function writtenReady(ready: ReadySpec): string {
  if (ready.kind !== "http" || ready.local !== true) return describeReady(ready);
  const { protocol, port, pathname, search } = new URL(ready.url);
  return `${protocol}${port === "" ? (protocol === "https:" ? 443 : 80) : port}${pathname}${search}`;
}

/** Two servers of one address want the same port; two runs at once write to one log, and take longer than one. */
function jobsFor(workload: Workload, specs: readonly SuccessSpec[], engine: Engine): number {
  const serves = workload.ready.kind !== "exit" || workload.exercises.length > 0;
  const alone =
    (serves && engine.ownAddress !== true) ||
    specs.some(spec => spec.kind === "time" || (spec.kind === "errors" && spec.file !== undefined));
  return alone ? 1 : Math.max(1, cpus().length);
}
