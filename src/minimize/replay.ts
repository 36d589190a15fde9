import { parseEvidence } from "../evidence/codec.ts";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Engine } from "../engine/engine.ts";
import type { ReadySpec } from "../engine/ready.ts";
import type { RunFolder } from "../linux/runfolder.ts";
import type { ProfileDocument } from "../profile/document.ts";
import { limitsFrom } from "./baseline.ts";
import { baselineOf, judgeRun, type Judgement } from "./behaviour.ts";
import type { Header, RunRecord } from "./journal.ts";
import { observedBase } from "./options.ts";
import { baseOf, settingOf, specsOf, type Deny } from "./setup.ts";
import { runTrial, type TrialOutcome } from "./trial.ts";
import { Workspace } from "./workspace.ts";

export interface ReplayOptions {
  readonly header: Header & { readonly deny: Deny };
  readonly runs: readonly RunRecord[];
  readonly run: RunRecord;
  readonly start: ProfileDocument | undefined;
  readonly ready: ReadySpec;
  readonly engine: Engine;
  /** Folder of the journal. */
  readonly journal: string;
  readonly folder: RunFolder;
  readonly signal?: AbortSignal;
}

/** Does a run of a journal once more, in the same way, and judges it as it was judged. */
export async function replayRun(options: ReplayOptions): Promise<TrialOutcome & Judgement> {
  const { header, runs, run, journal } = options;
  const workload = {
    argv: header.argv,
    directory: header.directory,
    ready: options.ready,
    exercises: header.exercises,
    timeoutMs: header.timeoutMs,
    expectedExit: header.expectedExit,
  };
  const specs = specsOf(header.success, workload);
  const untouched = runs.filter(known => known.trial.mode === "untouched" && known.works);
  const baseline = baselineOf(untouched.map(known => known.behaviour));
  let base = baseOf(header.deny, options.start);
  if (run.trial.mode !== "untouched") {
    const recording = path.join(journal, "recording.json");
    base = observedBase(base, await parseEvidence(readFileSync(recording, "utf8"), recording));
  }
  const setting = settingOf(workload, specs, options.engine, base);
  const copy = header.container === undefined ? "auto" : "never";
  const workspace = Workspace.open(header.directory, [path.resolve(journal)], options.folder.path, copy);
  const directory = workspace.enter();
  try {
    const limits = limitsFrom(baseline, header.timeoutMs);
    const outcome = await runTrial(setting, run.trial, limits, directory, options.signal);
    const exit = options.ready.kind === "exit" ? header.expectedExit : undefined;
    return { ...outcome, ...judgeRun(outcome.behaviour, baseline, specs, exit) };
  } finally {
    workspace.leave(directory);
  }
}
