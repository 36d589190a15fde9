import type { RunRecord } from "./journal.ts";
import type { Unit } from "./units.ts";

/** Where the search stands. */
export interface Picture {
  readonly required: readonly Unit[];
  readonly removed: readonly Unit[];
  readonly undecided: readonly Unit[];
  /** Denied in the run that is being waited for. */
  readonly testing: readonly Unit[];
  readonly runs: number;
  /** Rough number of runs that are still to come. */
  readonly expectedRuns: number;
}

export type Stage =
  | "untouched"
  | "flakiness"
  | "record"
  | "runtime"
  | "search"
  | "prove"
  | "arguments"
  | "final";

/** What `minimize` does while it does it, for whoever shows it. */
export type MinimizeEvent =
  | { readonly kind: "stage"; readonly stage: Stage; readonly text: string }
  | { readonly kind: "resumed"; readonly runs: number; readonly lost: number }
  | { readonly kind: "run"; readonly run: RunRecord }
  | { readonly kind: "picture"; readonly picture: Picture }
  | { readonly kind: "note"; readonly text: string };
