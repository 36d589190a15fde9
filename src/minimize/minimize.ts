import { parseEvidence, printEvidence } from "../evidence/codec.ts";
import type { Evidence } from "../evidence/model.ts";
import { TargetError } from "../errors.ts";
import { firstRuns, limitsFrom, measureFlakiness } from "./baseline.ts";
import { judgeRun } from "./behaviour.ts";
import { Decisions } from "./decisions.ts";
import type { MinimizeEvent, Stage } from "./events.ts";
import type { Flakiness } from "./flakiness.ts";
import { trialOf } from "./hunt.ts";
import { BudgetSpent, Lab } from "./lab.ts";
import { type Minimized, type MinimizeOptions, observedBase } from "./options.ts";
import { orderCandidates } from "./priors.ts";
import { recordRun, runtimeUnits } from "./recorded.ts";
import { classify, type Finding, type MinimizeReport } from "./result.ts";
import { runTrial, type Trial, type TrialLimits, type TrialSetting } from "./trial.ts";
import { unitsOf, type Unit } from "./units.ts";

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

class Minimizing {
  readonly #options: MinimizeOptions;
  #setting: TrialSetting;
  readonly #lab: Lab;
  readonly #notes: string[] = [];
  readonly #decisions: Decisions;
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
    this.#decisions = new Decisions({
      options,
      lab: this.#lab,
      setting: () => this.#setting,
      isFlaky: () => this.#flakiness !== undefined,
      onDoubt: certain => this.#measure(certain),
      stage: (stage, text) => this.#stage(stage, text),
      note: text => this.#note(text),
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
    const found = await this.#decisions.hunt(candidates, fixed);
    const searchRuns = this.#lab.runs - before;
    let required: Unit[] = [...found.required, ...found.undecided];
    let complete = this.#decisions.accept(found.stopped);
    if (complete) ({ required, complete } = await this.#decisions.prove(required, fixed, []));
    let units: Unit[] = [...fixed, ...required];
    let uses: readonly Finding[] = [];
    if (complete && this.#options.arguments)
      ({ units, uses, complete } = await this.#decisions.narrow(units, recorded));
    const final = await this.#decisions.final(units);
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
      shownBy: this.#decisions.shownBy,
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
    const trial = trialOf(this.#decisions.mode, available);
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
