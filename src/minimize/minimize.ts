import { ABIS } from "../abi/abi.ts";
import type { Recorder } from "../record/recorder.ts";
import type { RunFolder } from "../linux/runfolder.ts";
import { parseEvidence, printEvidence } from "../evidence/codec.ts";
import type { Evidence, Target } from "../evidence/model.ts";
import { TargetError } from "../errors.ts";
import type { RuntimeBase } from "../profile/runtime-base.ts";
import { firstRuns, limitsFrom, measureFlakiness } from "./baseline.ts";
import { judgeRun } from "./behaviour.ts";
import type { MinimizeEvent, Stage } from "./events.ts";
import { finalRuns } from "./final.ts";
import type { Flakiness } from "./flakiness.ts";
import { hunt, prove, trialOf, type Hunt, type HuntOptions } from "./hunt.ts";
import type { Journal, RunRecord } from "./journal.ts";
import { BudgetSpent, Lab, type Budget } from "./lab.ts";
import { orderCandidates } from "./priors.ts";
import { classify, type Finding, type MinimizeReport } from "./result.ts";
import type { Candidate } from "./search.ts";
import type { SuccessSpec } from "./success.ts";
import { recordRun, runtimeUnits } from "./recorded.ts";
import { runTrial, type Trial, type TrialLimits, type TrialSetting } from "./trial.ts";
import { recordedUses, unitsOf, type Base, type Unit } from "./units.ts";
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

/** Chances for the uses of a syscall, see `orderCandidates`. */
const PLAIN_PRIOR = 0.1;
const USE_PRIOR = 0.6;
/** Where the journal keeps whether the target changes its folder. */
const HARM = "changes-folder";

/**
 * Finds what the target cannot do without by trying, from two untouched runs to the final set under enforcement.
 * Goes on where the journal ends.
 * @throws TargetError when the target does not work untouched, or fails too often at random
 */
export async function minimize(options: MinimizeOptions): Promise<Minimized> {
  return await new Minimizing(options).run();
}

/** Without a start, the ABIs that the target was seen to use are the ones that matter. */
export function observedBase(base: Base, recorded: Evidence): Base {
  const seen = new Set(recorded.observations.map(({ abi }) => abi));
  if (base.start !== undefined || seen.size === 0) return base;
  return { ...base, abis: ABIS.filter(({ name }) => seen.has(name)).map(({ name }) => name) };
}

class Minimizing {
  readonly #options: MinimizeOptions;
  #setting: TrialSetting;
  readonly #lab: Lab;
  readonly #notes: string[] = [];
  readonly #shownBy = new Map<Unit, RunRecord>();
  #limits: TrialLimits;
  #flakiness: Flakiness | undefined;
  #recorded: Evidence | undefined;
  #harmKnown = false;
  #measured = false;

  constructor(options: MinimizeOptions) {
    this.#options = options;
    this.#setting = options.setting;
    this.#limits = { limitMs: options.setting.workload.timeoutMs, graceMs: 10_000 };
    const { journal, jobs, budget, success, signal, setting } = options;
    const { expectedExit, ready } = setting.workload;
    this.#lab = new Lab({
      journal,
      jobs,
      budget,
      success,
      expectedExit: ready.kind === "exit" ? expectedExit : undefined,
      perform: (trial, stop) => this.#perform(trial, stop),
      ...(signal === undefined ? {} : { signal }),
      onRun: run => this.#emit({ kind: "run", run }),
    });
    const harm = journal.read(HARM);
    if (harm !== undefined) this.#learnHarm(harm === "yes");
    const { runs, lost } = journal;
    if (runs.length > 0) this.#emit({ kind: "resumed", runs: runs.length, lost });
  }

  async run(): Promise<Minimized> {
    try {
      return await this.#steps();
    } catch (error) {
      if (!(error instanceof BudgetSpent)) throw error;
      throw new TargetError(
        "the budget is spent before there is a result; the same command with a larger --budget goes on from here",
      );
    } finally {
      await this.#lab.quiet();
    }
  }

  async #steps(): Promise<Minimized> {
    await this.#untouched();
    const recorded = await this.#record();
    this.#recorded = recorded;
    this.#setting = { ...this.#setting, base: observedBase(this.#setting.base, recorded) };
    const { base } = this.#setting;
    const available = unitsOf(base);
    const keep = [...this.#options.keep, ...(await this.#runtimeCalls())];
    const fixed = available.filter(unit => keep.includes(unit));
    const candidates = orderCandidates(
      available.filter(unit => !fixed.includes(unit)),
      recorded,
    );
    if (base.start !== undefined) await this.#requireStart(available);
    this.#stage("search", `${candidates.length} candidates`);
    const before = this.#lab.runs;
    const found = await this.#hunt(candidates, fixed);
    const searchRuns = this.#lab.runs - before;
    let required: Unit[] = [...found.required, ...found.undecided];
    let complete = this.#accept(found.stopped);
    if (complete) ({ required, complete } = await this.#prove(required, fixed, []));
    let units: Unit[] = [...fixed, ...required];
    let uses: readonly Finding[] = [];
    if (complete && this.#options.arguments)
      ({ units, uses, complete } = await this.#narrow(units, recorded));
    const final = await this.#final(units);
    if (this.#options.workspace.harmed)
      this.#note(
        "runs that were denied something have changed the working folder, which untouched ones do not: --copy always keeps them from each other's leavings",
      );
    const called = new Set(recorded.observations.map(({ syscall }) => syscall));
    const findings = classify({
      candidates: candidates.map(({ name }) => name),
      fixed,
      required: [...required, ...final.added],
      undecided: found.undecided,
      shownBy: this.#shownBy,
      called,
    });
    const report: MinimizeReport = {
      complete,
      findings,
      uses,
      units: final.units,
      baseline: this.#lab.baseline,
      flakiness: this.#flakiness,
      runs: this.#lab.runs,
      searchRuns,
      finalRuns: final.runs,
      notes: this.#notes,
    };
    return { report, recorded };
  }

  async #untouched(): Promise<void> {
    const { success, setting } = this.#options;
    this.#stage("untouched", "twice, as it is");
    const { ready, expectedExit, timeoutMs } = setting.workload;
    const exit = ready.kind === "exit" ? expectedExit : undefined;
    const baseline = await firstRuns(this.#lab, success, exit);
    if (baseline === undefined) await this.#measure(true);
    else this.#lab.baseline = baseline;
    this.#limits = limitsFrom(this.#lab.baseline, timeoutMs);
  }

  /** Something failed that should not have, or perhaps should not: how often does that happen? */
  async #measure(certain: boolean): Promise<void> {
    if (this.#flakiness !== undefined || (this.#measured && !certain)) return;
    const crowded = this.#lab.jobs > 1;
    this.#stage("flakiness", "runs disagree: measuring how often the target fails without a reason");
    await this.#lab.oneAtATime();
    const called = new Set(this.#recorded?.observations.map(({ syscall }) => syscall));
    const questions = called.size === 0 ? 30 : called.size;
    const { flakiness, baseline } = await measureFlakiness(this.#lab, questions, certain && !crowded);
    this.#measured = true;
    this.#lab.baseline = baseline;
    if (flakiness === undefined) {
      if (crowded) this.#note("runs may get into each other's way: one at a time from now on");
      return;
    }
    this.#flakiness = flakiness;
    this.#lab.failuresNeeded = flakiness.failuresNeeded;
    const { failures, runs, failuresNeeded } = flakiness;
    this.#note(
      `it fails at random (${failures} of ${runs} runs), so a failure counts when it is seen ${failuresNeeded} times in a row`,
    );
  }

  async #record(): Promise<Evidence> {
    const { journal, success, setting } = this.#options;
    const before = journal.read("recording.json");
    if (before !== undefined) return await parseEvidence(before, "recording.json");
    this.#stage("record", "one run is watched to see what it calls");
    for (let attempt = 1; ; attempt++) {
      const limits = { ...this.#limits, limitMs: setting.workload.timeoutMs };
      const { evidence, behaviour } = await this.#inFolder(directory =>
        recordRun(this.#options, limits, directory),
      );
      const exit = setting.workload.ready.kind === "exit" ? setting.workload.expectedExit : undefined;
      // Being watched takes time.
      const timeless = success.filter(spec => spec.kind !== "time");
      const { reason } = judgeRun(behaviour, this.#lab.baseline, timeless, exit);
      if (reason === undefined) {
        journal.write("recording.json", printEvidence(evidence));
        return evidence;
      }
      await this.#measure(false);
      if (attempt > this.#lab.failuresNeeded)
        throw new TargetError(`the target fails while it is recorded: ${reason}`, behaviour.output);
    }
  }

  async #runtimeCalls(): Promise<readonly string[]> {
    return await runtimeUnits(this.#options, () =>
      this.#stage("runtime", "one start is watched to see what the container runtime calls itself"),
    );
  }

  async #requireStart(available: readonly Unit[]): Promise<void> {
    const trial = trialOf(this.#mode, available);
    await this.#lab.run(trial, 0, true);
    const run = await this.#lab.verdict(trial);
    if (run.works) return;
    const denied = [...new Set(run.denied?.map(({ syscall }) => syscall))].sort();
    const names = denied.length === 0 ? "" : `; it denies ${denied.join(", ")}`;
    throw new TargetError(
      `the target does not work under what the search is to start from: ${run.reason}${names}. Nothing is ever added to a start: give one under which it works, or none`,
      run.behaviour.output,
    );
  }

  async #hunt(candidates: readonly Candidate[], fixed: readonly Unit[]): Promise<Hunt> {
    const found = await hunt(candidates, fixed, this.#huntOptions());
    // A syscall that is narrowed to some of its uses was decided before.
    for (const [unit, run] of found.decidedBy) if (!this.#shownBy.has(unit)) this.#shownBy.set(unit, run);
    return found;
  }

  async #prove(
    units: readonly Unit[],
    fixed: readonly Unit[],
    settled: readonly Unit[],
  ): Promise<{ required: Unit[]; complete: boolean }> {
    const { repeat } = this.#options;
    const open = units.filter(unit => !settled.includes(unit));
    if (repeat <= 1 && this.#flakiness === undefined) return { required: [...units], complete: true };
    this.#stage("prove", `each of ${open.length} denied alone once more`);
    // The search has seen each fail once already; the very same trial does not count twice.
    const failures = (trial: Trial): number =>
      Math.max(this.#lab.failuresNeeded, this.#lab.repetitions(trial) > 0 ? repeat : repeat - 1);
    const proof = await prove(open, [...fixed, ...settled], failures, this.#huntOptions());
    for (const [unit, run] of proof.failedWithout) this.#shownBy.set(unit, run);
    for (const [unit, run] of proof.freed) {
      this.#shownBy.set(unit, run);
      this.#notes.push(
        `${unit} failed once when it was denied, but is not needed for the result (run ${run.number})`,
      );
    }
    return { required: [...settled, ...proof.required], complete: this.#accept(proof.stopped) };
  }

  /** Replaces syscalls by those of their uses that are needed. */
  async #narrow(
    units: readonly Unit[],
    recorded: Evidence,
  ): Promise<{ units: Unit[]; uses: readonly Finding[]; complete: boolean }> {
    const { base } = this.#setting;
    const uses = recordedUses(recorded, units, base);
    const narrowable = units.filter(unit => (uses.get(unit) ?? []).length > 0);
    const others = units.filter(unit => !narrowable.includes(unit));
    this.#stage("arguments", `${narrowable.length} syscalls whose arguments are known`);
    const every = narrowable.flatMap(unit => uses.get(unit) ?? []);
    const plain = narrowable.map(name => ({ name, prior: PLAIN_PRIOR }));
    const narrowed = await this.#hunt(plain, [...others, ...every]);
    const whole = [...narrowed.required, ...narrowed.undecided];
    if (!this.#accept(narrowed.stopped))
      return { units: [...others, ...whole, ...every], uses: [], complete: false };
    const candidates = every.filter(use => !whole.some(name => use.startsWith(`${name}(`)));
    const kept = [...others, ...whole];
    const found = await this.#hunt(
      candidates.map(name => ({ name, prior: USE_PRIOR })),
      kept,
    );
    let required = [...found.required, ...found.undecided];
    let complete = this.#accept(found.stopped);
    if (complete) {
      const proven = await this.#prove([...kept, ...required], [], kept);
      required = proven.required.filter(unit => !kept.includes(unit));
      ({ complete } = proven);
    }
    const findings = classify({
      candidates,
      fixed: [],
      required,
      undecided: found.undecided,
      shownBy: this.#shownBy,
      called: new Set(recorded.observations.map(({ syscall }) => syscall)),
    });
    return { units: [...kept, ...required], uses: findings, complete };
  }

  async #final(units: readonly Unit[]): Promise<{ units: Unit[]; added: Unit[]; runs: RunRecord[] }> {
    this.#stage("final", `the result, ${units.length} allowed, under the kernel's own enforcement`);
    const result = await finalRuns(units, this.#huntOptions(), this.#options.journal);
    for (const [unit, run] of result.because) this.#shownBy.set(unit, run);
    if (result.added.length > 0) {
      this.#note(
        `the smallest set did not work every time: ${result.added.join(", ")} put back, which the target needs now and then`,
      );
    }
    return result;
  }

  async #perform(trial: Trial, stop: AbortSignal): ReturnType<typeof runTrial> {
    return await this.#inFolder(directory => runTrial(this.#setting, trial, this.#limits, directory, stop));
  }

  /** The first runs show whether the target changes its folder. */
  async #inFolder<T>(body: (directory: string | undefined) => Promise<T>): Promise<T> {
    const { workspace } = this.#options;
    const directory = workspace.enter();
    let changed = true;
    try {
      return await body(directory);
    } finally {
      changed = workspace.leave(directory);
      if (directory !== undefined && !this.#harmKnown) this.#learnHarm(changed);
    }
  }

  #learnHarm(changed: boolean): void {
    this.#harmKnown = true;
    this.#options.journal.write(HARM, changed ? "yes" : "no");
    if (changed) this.#note("the target changes its folder: each run gets a fresh copy of it");
    else this.#options.workspace.stopCopying();
  }

  get #mode(): HuntOptions["mode"] {
    return this.#options.watched ? "watched" : "enforced";
  }

  #huntOptions(): HuntOptions {
    const { onEvent } = this.#options;
    return {
      lab: this.#lab,
      mode: this.#mode,
      onDoubt: certain => this.#measure(certain),
      runsSoFar: () => this.#lab.runs,
      ...(onEvent === undefined ? {} : { onEvent }),
    };
  }

  /** Whether it came to its end; a spent budget is no failure. */
  #accept(stopped: unknown): boolean {
    if (stopped === undefined) return true;
    if (!(stopped instanceof BudgetSpent)) throw stopped;
    this.#note("the budget is spent: what is undecided stays allowed");
    return false;
  }

  #stage(stage: Stage, text: string): void {
    this.#emit({ kind: "stage", stage, text });
  }

  #note(text: string): void {
    this.#notes.push(text);
    this.#emit({ kind: "note", text });
  }

  #emit(event: MinimizeEvent): void {
    this.#options.onEvent?.(event);
  }
}
