import { ABIS } from "../abi/abi.ts";
import type { Evidence, Target } from "../evidence/model.ts";
import type { RunFolder } from "../linux/runfolder.ts";
import type { RuntimeBase } from "../profile/runtime-base.ts";
import type { Recorder } from "../record/recorder.ts";
import type { MinimizeEvent } from "./events.ts";
import type { Journal } from "./journal.ts";
import type { Budget } from "./lab.ts";
import type { MinimizeReport } from "./result.ts";
import type { SuccessSpec } from "./success.ts";
import type { TrialSetting } from "./trial.ts";
import type { Base } from "./units.ts";
import type { Workspace } from "./workspace.ts";

export interface MinimizeOptions {
  readonly setting: TrialSetting;
  readonly success: readonly SuccessSpec[];
  readonly recorder: Recorder;
  readonly target: Target;
  /** Allowed without trying. */
  readonly keep: readonly string[];
  /** The container runtime whose own calls are kept as well. */
  readonly runtime: RuntimeBase;
  readonly jobs: number;
  /** False: only the kernel denies, for an engine that hands over no listener. */
  readonly watched: boolean;
  /** How many failures stand behind each `required`; 1 for none but the search's own. */
  readonly repeat: number;
  readonly budget: Budget;
  /** Narrow the arguments of what is required as well. */
  readonly arguments: boolean;
  readonly journal: Journal;
  readonly workspace: Workspace;
  readonly folder: RunFolder;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: MinimizeEvent) => void;
}

export interface Minimized {
  readonly report: MinimizeReport;
  readonly recorded: Evidence;
}

/** Without a start, the ABIs that the target was seen to use are the ones that matter. */
export function observedBase(base: Base, recorded: Evidence): Base {
  const seen = new Set(recorded.observations.map(({ abi }) => abi));
  if (base.start !== undefined || seen.size === 0) return base;
  return { ...base, abis: ABIS.filter(({ name }) => seen.has(name)).map(({ name }) => name) };
}
