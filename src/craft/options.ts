import type { Engine } from "../engine/engine.ts";
import type { Evidence } from "../evidence/model.ts";
import type { RunFolder } from "../linux/runfolder.ts";
import type { Policy } from "../profile/derive.ts";
import type { PolicyName } from "../profile/policies.ts";
import type { Recorder, Recording } from "../record/recorder.ts";
import type { CraftEvent } from "./events.ts";
import { type SessionHooks, stopping, type Workload } from "./session.ts";

export interface CraftOptions {
  readonly workload: Workload;
  /** Recorded runs before the first profile is derived. */
  readonly runs: number;
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly policy: Policy;
  /** Which evidence becomes the profile. */
  readonly accept: PolicyName;
  /** Whether the programs that are seen at work are analysed as well; without it only `observed` makes sense. */
  readonly analyze: boolean;
  readonly folder: RunFolder;
  /** How long the target may take to end after SIGTERM, if not GRACE_MS. */
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: CraftEvent) => void;
  /** Gets what is known at least once a second while the target runs. */
  readonly onCheckpoint?: (evidence: Evidence) => void;
}

/** Tells the end of a step. */
export function report(options: CraftOptions, text: string, seconds: number): void {
  options.onEvent?.({ kind: "done", text, seconds });
}

/** A session that a recording and whoever watches are told about. */
export function followedBy(
  options: Pick<CraftOptions, "onEvent" | "graceMs" | "signal">,
  recording: Recording,
): SessionHooks {
  return {
    onStart: running => recording.attach(running),
    onPhase: phase => {
      recording.setPhase(phase);
      options.onEvent?.({ kind: "phase", phase });
    },
    onExercise: (command, index) => options.onEvent?.({ kind: "exercise", index, command }),
    ...stopping(options),
  };
}
