import { InterruptedError } from "../errors.ts";
import { judgeRun, type Baseline } from "./behaviour.ts";
import type { Journal, RunRecord } from "./journal.ts";
import type { SuccessSpec } from "./success.ts";
import type { Trial, TrialOutcome } from "./trial.ts";

/** When to stop before the end. */
export interface Budget {
  /** In all, those of earlier parts of the search included. */
  readonly runs?: number;
  /** Of this part of the search. */
  readonly milliseconds?: number;
}

/** The budget is spent; what was found until then stays true. */
export class BudgetSpent extends Error {
  override readonly name = "BudgetSpent";
}

export interface LabOptions {
  readonly journal: Journal;
  readonly jobs: number;
  readonly budget: Budget;
  readonly success: readonly SuccessSpec[];
  readonly expectedExit: number | undefined;
  /** Carries a trial out. */
  readonly perform: (trial: Trial, signal: AbortSignal) => Promise<TrialOutcome>;
  readonly signal?: AbortSignal;
  readonly onRun?: (run: RunRecord) => void;
}

interface Pending {
  readonly result: Promise<RunRecord>;
  readonly stop: AbortController;
  /** Nobody waits for it yet. */
  ahead: boolean;
}

/** Carries out trials: each once, some at the same time, none that the journal knows already. */
export class Lab {
  readonly #options: LabOptions;
  readonly #known = new Map<string, RunRecord>();
  readonly #pending = new Map<string, Pending>();
  readonly #waiting: (() => void)[] = [];
  readonly #started = performance.now();
  #jobs: number;
  #free: number;
  baseline: Baseline = { runs: [], slowest: 0, errorLines: new Set() };
  /** So often a failure must be seen before it counts: more than once for a target that fails at random. */
  failuresNeeded = 1;

  constructor(options: LabOptions) {
    this.#options = options;
    this.#jobs = options.jobs;
    this.#free = options.jobs;
    for (const run of options.journal.runs) this.#known.set(keyOf(run.trial, run.repetition), run);
  }

  /** Runs by now, those of earlier parts of the search included. */
  get runs(): number {
    return this.#options.journal.runs.length;
  }

  /** How many trials there may be at the same time. */
  get jobs(): number {
    return this.#jobs;
  }

  /** From now on one trial at a time. Resolves when no other is under way. */
  async oneAtATime(): Promise<void> {
    await this.quiet();
    this.#jobs = 1;
    this.#free = 1;
  }

  /** The n-th run of a trial, from 0; `beyond` the budget when it must be. */
  async run(trial: Trial, repetition = 0, beyond = false): Promise<RunRecord> {
    const key = keyOf(trial, repetition);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    let pending = this.#pending.get(key);
    if (pending?.stop.signal.aborted === true) {
      await pending.result.catch(() => undefined);
      pending = undefined;
    }
    pending ??= this.#begin(trial, repetition, false, beyond);
    pending.ahead = false;
    return await pending.result;
  }

  /**
   * What a trial says about the target: it works when one run of it works, because what fails at random never works at
   * random. Fails after `failuresNeeded` failures.
   */
  async verdict(trial: Trial, failuresNeeded: number = this.failuresNeeded): Promise<RunRecord> {
    for (let repetition = 0; ; repetition++) {
      const run = await this.run(trial, repetition);
      if (run.works || repetition + 1 >= failuresNeeded) return run;
    }
  }

  /** How many runs of a trial are known, from the first on. */
  repetitions(trial: Trial): number {
    let count = 0;
    while (this.#known.has(keyOf(trial, count))) count++;
    return count;
  }

  /** Has runs begun that may be asked for next, as far as there are free places, and ends others of that kind. */
  lookAhead(trials: readonly Trial[]): void {
    const wanted = new Set(trials.map(trial => keyOf(trial, 0)));
    for (const [key, pending] of this.#pending) {
      if (pending.ahead && !wanted.has(key)) pending.stop.abort("no longer wanted");
    }
    for (const trial of trials) {
      const key = keyOf(trial, 0);
      if (this.#free <= 0 || this.#known.has(key) || this.#pending.has(key)) continue;
      const { runs, milliseconds } = this.#options.budget;
      if (runs !== undefined || milliseconds !== undefined) continue;
      this.#begin(trial, 0, true);
    }
  }

  /** Ends what nobody waits for, and resolves when nothing runs any more. */
  async quiet(): Promise<void> {
    this.lookAhead([]);
    await Promise.allSettled([...this.#pending.values()].map(({ result }) => result));
  }

  #begin(trial: Trial, repetition: number, ahead: boolean, beyond = false): Pending {
    const key = keyOf(trial, repetition);
    const stop = new AbortController();
    const result = this.#carryOut(trial, repetition, beyond, stop.signal).finally(() =>
      this.#pending.delete(key),
    );
    result.catch(() => undefined);
    const pending: Pending = { result, stop, ahead };
    this.#pending.set(key, pending);
    return pending;
  }

  async #carryOut(trial: Trial, repetition: number, beyond: boolean, stop: AbortSignal): Promise<RunRecord> {
    const { journal, perform, signal, success, expectedExit } = this.#options;
    await this.#place();
    let begun = false;
    try {
      if (stop.aborted) throw new InterruptedError(String(stop.reason));
      if (!beyond) this.#checkBudget();
      journal.begun();
      begun = true;
      const outcome = await perform(trial, signal === undefined ? stop : AbortSignal.any([signal, stop]));
      const { reason, differences } = judgeRun(outcome.behaviour, this.baseline, success, expectedExit);
      const run = journal.add(
        { trial, repetition, works: reason === undefined, reason, differences, ...outcome },
        outcome.behaviour.output,
      );
      this.#known.set(keyOf(trial, repetition), run);
      this.#options.onRun?.(run);
      return run;
    } finally {
      if (begun) journal.ended();
      // Whoever waits takes the place over.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  async #place(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>(resolve => this.#waiting.push(resolve));
  }

  #checkBudget(): void {
    const { runs, milliseconds } = this.#options.budget;
    if (runs !== undefined && this.#options.journal.runs.length >= runs) throw new BudgetSpent();
    if (milliseconds !== undefined && performance.now() - this.#started >= milliseconds)
      throw new BudgetSpent();
  }
}

function keyOf(trial: Trial, repetition: number): string {
  return `${repetition} ${trial.mode} ${trial.allowed?.join(" ") ?? ""}`;
}
