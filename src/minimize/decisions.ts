import type { Evidence } from "../evidence/model.ts";
import type { Stage } from "./events.ts";
import { finalRuns } from "./final.ts";
import { hunt, prove, type Hunt, type HuntOptions } from "./hunt.ts";
import type { RunRecord } from "./journal.ts";
import { BudgetSpent, type Lab } from "./lab.ts";
import type { MinimizeOptions } from "./options.ts";
import { classify, type Finding } from "./result.ts";
import type { Candidate } from "./search.ts";
import type { Trial, TrialSetting } from "./trial.ts";
import { recordedUses, type Unit } from "./units.ts";

/** Chances for the uses of a syscall, see `orderCandidates`. */
const PLAIN_PRIOR = 0.1;
const USE_PRIOR = 0.6;
/** What decisions are made with. */
export interface DecisionParts {
  readonly options: MinimizeOptions;
  readonly lab: Lab;
  readonly setting: () => TrialSetting;
  readonly isFlaky: () => boolean;
  /** Measures how often the target fails at random, when runs contradict each other. */
  readonly onDoubt: HuntOptions["onDoubt"];
  readonly stage: (stage: Stage, text: string) => void;
  readonly note: (text: string) => void;
}

/** Decides, by runs of a lab, which units the target cannot do without, and keeps the run that showed it of each. */
export class Decisions {
  readonly shownBy: Map<Unit, RunRecord> = new Map();
  readonly #parts: DecisionParts;

  constructor(parts: DecisionParts) {
    this.#parts = parts;
  }

  get mode(): HuntOptions["mode"] {
    return this.#parts.options.watched ? "watched" : "enforced";
  }

  #huntOptions(): HuntOptions {
    const { onEvent } = this.#parts.options;
    return {
      lab: this.#parts.lab,
      mode: this.mode,
      onDoubt: this.#parts.onDoubt,
      runsSoFar: () => this.#parts.lab.runs,
      ...(onEvent === undefined ? {} : { onEvent }),
    };
  }

  /** Searches which of the candidates are required while the fixed ones are allowed. */
  async hunt(candidates: readonly Candidate[], fixed: readonly Unit[]): Promise<Hunt> {
    const found = await hunt(candidates, fixed, this.#huntOptions());
    // A syscall that is narrowed to some of its uses was decided before.
    for (const [unit, run] of found.decidedBy) if (!this.shownBy.has(unit)) this.shownBy.set(unit, run);
    return found;
  }

  /** Denies each unit that is not settled alone once more, so that its failure is seen as often as was asked for. */
  async prove(
    units: readonly Unit[],
    fixed: readonly Unit[],
    settled: readonly Unit[],
  ): Promise<{ required: Unit[]; complete: boolean }> {
    const { repeat } = this.#parts.options;
    const open = units.filter(unit => !settled.includes(unit));
    if (repeat <= 1 && !this.#parts.isFlaky()) return { required: [...units], complete: true };
    this.#parts.stage("prove", `each of ${open.length} denied alone once more`);
    // The search has seen each fail once already; the very same trial does not count twice.
    const failures = (trial: Trial): number =>
      Math.max(this.#parts.lab.failuresNeeded, this.#parts.lab.repetitions(trial) > 0 ? repeat : repeat - 1);
    const proof = await prove(open, [...fixed, ...settled], failures, this.#huntOptions());
    for (const [unit, run] of proof.failedWithout) this.shownBy.set(unit, run);
    for (const [unit, run] of proof.freed) {
      this.shownBy.set(unit, run);
      this.#parts.note(
        `${unit} failed once when it was denied, but is not needed for the result (run ${run.number})`,
      );
    }
    return { required: [...settled, ...proof.required], complete: this.accept(proof.stopped) };
  }

  /** Replaces syscalls by those of their uses that are needed. */
  async narrow(
    units: readonly Unit[],
    recorded: Evidence,
  ): Promise<{ units: Unit[]; uses: readonly Finding[]; complete: boolean }> {
    const { base } = this.#parts.setting();
    const uses = recordedUses(recorded, units, base);
    const narrowable = units.filter(unit => (uses.get(unit) ?? []).length > 0);
    const others = units.filter(unit => !narrowable.includes(unit));
    this.#parts.stage("arguments", `${narrowable.length} syscalls whose arguments are known`);
    const every = narrowable.flatMap(unit => uses.get(unit) ?? []);
    const plain = narrowable.map(name => ({ name, prior: PLAIN_PRIOR }));
    const narrowed = await this.hunt(plain, [...others, ...every]);
    const whole = [...narrowed.required, ...narrowed.undecided];
    if (!this.accept(narrowed.stopped))
      return { units: [...others, ...whole, ...every], uses: [], complete: false };
    const candidates = every.filter(use => !whole.some(name => use.startsWith(`${name}(`)));
    const kept = [...others, ...whole];
    const found = await this.hunt(
      candidates.map(name => ({ name, prior: USE_PRIOR })),
      kept,
    );
    let required = [...found.required, ...found.undecided];
    let complete = this.accept(found.stopped);
    if (complete) {
      const proven = await this.prove([...kept, ...required], [], kept);
      required = proven.required.filter(unit => !kept.includes(unit));
      ({ complete } = proven);
    }
    const findings = classify({
      candidates,
      fixed: [],
      required,
      undecided: found.undecided,
      shownBy: this.shownBy,
      called: new Set(recorded.observations.map(({ syscall }) => syscall)),
    });
    return { units: [...kept, ...required], uses: findings, complete };
  }

  /** Runs the result under the kernel's own enforcement; what it cannot do without after all is added. */
  async final(units: readonly Unit[]): Promise<{ units: Unit[]; added: Unit[]; runs: RunRecord[] }> {
    this.#parts.stage("final", `the result, ${units.length} allowed, under the kernel's own enforcement`);
    const result = await finalRuns(units, this.#huntOptions(), this.#parts.options.journal);
    for (const [unit, run] of result.because) this.shownBy.set(unit, run);
    if (result.added.length > 0) {
      this.#parts.note(
        `the smallest set did not work every time: ${result.added.join(", ")} put back, which the target needs now and then`,
      );
    }
    return result;
  }

  /** Whether it came to its end; a spent budget is no failure. */
  accept(stopped: unknown): boolean {
    if (stopped === undefined) return true;
    if (!(stopped instanceof BudgetSpent)) throw stopped;
    this.#parts.note("the budget is spent: what is undecided stays allowed");
    return false;
  }
}
