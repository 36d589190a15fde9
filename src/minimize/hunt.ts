import type { MinimizeEvent } from "./events.ts";
import type { RunRecord } from "./journal.ts";
import type { Lab } from "./lab.ts";
import { Search, type Answer, type Candidate, type Question } from "./search.ts";
import type { Trial } from "./trial.ts";
import { isUse, syscallOf, type Unit } from "./units.ts";

export interface HuntOptions {
  readonly lab: Lab;
  readonly mode: "watched" | "enforced";
  /**
   * Called when a run failed that should not have, or when two runs of one thing disagree: then it is measured how
   * often the target fails at random, and `lab.failuresNeeded` may rise.
   */
  readonly onDoubt: (certain: boolean) => Promise<void>;
  readonly onEvent?: (event: MinimizeEvent) => void;
  readonly runsSoFar: () => number;
}

/** What a search found out, also when it had to end early. */
export interface Hunt {
  readonly required: Unit[];
  readonly removed: Unit[];
  readonly undecided: Unit[];
  /** The run in which a unit was decided. */
  readonly decidedBy: Map<Unit, RunRecord>;
  /** What stopped it early. */
  readonly stopped: unknown;
}

export function trialOf(mode: HuntOptions["mode"], allowed: Iterable<Unit>): Trial {
  return { mode, allowed: [...new Set(allowed)].sort() };
}

/** Whether a denied call was one of these. */
function deniedAmong(run: RunRecord, units: readonly Unit[]): Unit[] | undefined {
  if (run.denied === undefined) return undefined;
  const called = new Set(run.denied.flatMap(({ syscall, unit }) => [syscall, unit]));
  return units.filter(unit => called.has(isUse(unit) ? unit : syscallOf(unit)));
}

/** Removes what can be removed of the candidates while `fixed` stays allowed. */
export async function hunt(
  candidates: readonly Candidate[],
  fixed: readonly Unit[],
  options: HuntOptions,
): Promise<Hunt> {
  const search = new Search(candidates);
  const decidedBy = new Map<Unit, RunRecord>();
  let stopped: unknown;
  let failed: RunRecord | undefined;
  try {
    for (let question = search.next(); question !== undefined; question = search.next()) {
      show(search, question, options);
      const run = await ask(search, question, fixed, options);
      if (!run.works) failed = run;
      for (const unit of search.removed) if (!decidedBy.has(unit)) decidedBy.set(unit, run);
      // Where a run that works settles what is required, the failure before it shows why.
      for (const unit of search.required) if (!decidedBy.has(unit)) decidedBy.set(unit, failed ?? run);
    }
  } catch (error) {
    stopped = error;
  } finally {
    await options.lab.quiet();
  }
  return {
    required: [...search.required],
    removed: [...search.removed],
    undecided: search.undecided.map(({ name }) => name),
    decidedBy,
    stopped,
  };
}

async function ask(
  search: Search,
  question: Question,
  fixed: readonly Unit[],
  options: HuntOptions,
): Promise<RunRecord> {
  const { lab, mode } = options;
  const trial = trialOf(mode, [...fixed, ...question.allowed]);
  const waiting = lab.verdict(trial);
  lab.lookAhead(ahead(search, lab.jobs - 1).map(next => trialOf(mode, [...fixed, ...next.allowed])));
  let run = await waiting;
  if (!run.works && deniedAmong(run, question.without)?.length === 0) {
    await options.onDoubt(true);
    run = await lab.verdict(trial, Math.max(2, lab.failuresNeeded));
  }
  search.take(await answerOf(run, trial, question, lab));
  return run;
}

async function answerOf(run: RunRecord, trial: Trial, question: Question, lab: Lab): Promise<Answer> {
  if (run.works) return { works: true };
  const called = new Set<Unit>();
  for (let repetition = 0; repetition < lab.repetitions(trial); repetition++) {
    const among = deniedAmong(await lab.run(trial, repetition), question.without);
    if (among === undefined) return { works: false, called: undefined };
    for (const unit of among) called.add(unit);
  }
  return { works: false, called: [...called] };
}

/** The questions that come next if things go on as is likeliest. */
function ahead(search: Search, count: number): Question[] {
  const questions: Question[] = [];
  const copy = search.copy();
  while (questions.length < count) {
    copy.take(copy.guess());
    const next = copy.next();
    if (next === undefined) break;
    questions.push(next);
  }
  return questions;
}

function show(search: Search, question: Question, options: HuntOptions): void {
  options.onEvent?.({
    kind: "picture",
    picture: {
      required: search.required,
      removed: search.removed,
      undecided: search.undecided.map(({ name }) => name),
      testing: question.without,
      runs: options.runsSoFar(),
      expectedRuns: search.expectedRuns(),
    },
  });
}

/** What trying each required unit once more, alone, gave. */
export interface Proof {
  /** What is left: without any single one of them the target fails. */
  readonly required: Unit[];
  /** Found superfluous after all, with the run that worked without it. */
  readonly freed: Map<Unit, RunRecord>;
  /** The run that failed without it, everything else that is required being allowed. */
  readonly failedWithout: Map<Unit, RunRecord>;
  readonly stopped: unknown;
}

/**
 * Denies each unit alone while all others that are left stay allowed. A unit that was required while more was allowed
 * may have become superfluous, when something that would have used it is gone by now; a failure may have been chance.
 * @param failures how often each must fail
 */
export async function prove(
  units: readonly Unit[],
  fixed: readonly Unit[],
  failures: (trial: Trial) => number,
  options: HuntOptions,
): Promise<Proof> {
  const { lab, mode } = options;
  let required = [...units];
  const freed = new Map<Unit, RunRecord>();
  const failedWithout = new Map<Unit, RunRecord>();
  let stopped: unknown;
  const without = (unit: Unit): Trial =>
    trialOf(
      mode,
      [...fixed, ...required].filter(other => other !== unit),
    );
  try {
    for (let open = required; open.length > 0; ) {
      const batch = open.slice(0, lab.jobs);
      const runs = await Promise.all(batch.map(unit => lab.verdict(without(unit), failures(without(unit)))));
      const at = runs.findIndex(run => run.works);
      batch.forEach((unit, index) => {
        const run = runs[index];
        if (run !== undefined && !run.works) failedWithout.set(unit, run);
      });
      const free = batch[at];
      const run = runs[at];
      if (free !== undefined && run !== undefined) {
        await options.onDoubt(false);
        freed.set(free, run);
        required = required.filter(unit => unit !== free);
        // The others failed while this one was still allowed.
        open = required;
        options.onEvent?.({ kind: "note", text: `${free} is not needed any more, run ${run.number}` });
      } else {
        open = open.slice(batch.length);
      }
    }
  } catch (error) {
    stopped = error;
  } finally {
    await lab.quiet();
  }
  return { required, freed, failedWithout, stopped };
}
