import { blockSize, learnedOdds, splitOf } from "./odds.ts";

/** Something that may turn out to be superfluous: a syscall, or one of its uses. */
export interface Candidate {
  readonly name: string;
  /** The chance that the target needs it, above 0 and below 1. Decides about the number of runs, never the result. */
  readonly prior: number;
}

/** The next question: does the target work without these? */
export interface Question {
  /** To be denied for the first time, in the candidates' order. */
  readonly without: readonly string[];
  /** All candidates that stay allowed, in the candidates' order. */
  readonly allowed: readonly string[];
}

/** What a run said. */
export type Answer =
  | { readonly works: true }
  /**
   * @property called those of `without` that the target tried to use before it failed, when somebody watched: it would
   * have failed in the same way with these alone denied.
   */
  | { readonly works: false; readonly called: readonly string[] | undefined };

/**
 * Finds, by removing groups, the set that removing one candidate after the other in the given order would leave: every
 * question is a prefix of what is undecided, and a failure is narrowed down to the first candidate of the order that
 * cannot go. That holds for every target that works with more when it works with less; what is removed was in each case
 * part of a run that worked.
 *
 * A pure state machine: the same answers lead to the same questions, so it can be replayed from a journal, and copied
 * to ask ahead.
 */
export class Search {
  #order: ReadonlyMap<string, number>;
  readonly #decided: (Candidate & { readonly required: boolean })[] = [];
  #undecided: readonly Candidate[];
  /** Of the last failure: those among which the first is that cannot go. Two or more. */
  #suspects: readonly string[] | undefined;
  #question: Question | undefined;

  constructor(candidates: readonly Candidate[]) {
    this.#order = new Map(candidates.map((candidate, index) => [candidate.name, index]));
    this.#undecided = candidates;
  }

  /** The same search, to be continued on its own. */
  copy(): Search {
    const copy = new Search([]);
    copy.#order = this.#order;
    copy.#decided.push(...this.#decided);
    copy.#undecided = this.#undecided;
    copy.#suspects = this.#suspects;
    copy.#question = this.#question;
    return copy;
  }

  get undecided(): readonly Candidate[] {
    return this.#undecided;
  }

  get required(): readonly string[] {
    return this.#decided.filter(({ required }) => required).map(({ name }) => name);
  }

  get removed(): readonly string[] {
    return this.#decided.filter(({ required }) => !required).map(({ name }) => name);
  }

  /** Undefined when all is decided. */
  next(): Question | undefined {
    if (this.#undecided.length === 0) return undefined;
    this.#question ??= this.#ask(this.#suspects === undefined ? this.#block() : this.#half(this.#suspects));
    return this.#question;
  }

  /** Takes the answer to `next()`. */
  take(answer: Answer): void {
    const question = this.next();
    if (question === undefined) throw new Error("an answer without a question");
    this.#question = undefined;
    if (answer.works) this.#works(question.without);
    else this.#fails(question.without, answer.called);
  }

  /** The likeliest answer to `next()`: to ask ahead. */
  guess(): Answer {
    const names = new Set(this.next()?.without);
    const asked = this.#undecided.filter(({ name }) => names.has(name));
    const odds = this.#odds(asked);
    const works = odds.reduce((product, chance) => product * (1 - chance), 1);
    if (works >= 0.5) return { works: true };
    const likeliest = asked[odds.indexOf(Math.max(...odds))];
    return { works: false, called: likeliest === undefined ? undefined : [likeliest.name] };
  }

  /** A rough number of runs that are still to come. */
  expectedRuns(): number {
    const required = this.#odds(this.#undecided).reduce((sum, chance) => sum + chance, 0);
    const depth = Math.log2(Math.max(1, this.#undecided.length / Math.max(1, required)));
    return Math.ceil(Math.min(this.#undecided.length, required * (1 + depth / 2) + 1));
  }

  #works(without: readonly string[]): void {
    const gone = new Set(without);
    this.#decide(gone, false);
    const left = this.#suspects?.filter(name => !gone.has(name));
    this.#suspects = left;
    const [only] = left ?? [];
    // It failed without all of them, and works without the others.
    if (left?.length === 1 && only !== undefined) this.#require(only);
  }

  #fails(without: readonly string[], called: readonly string[] | undefined): void {
    const guilty = called === undefined ? without : without.filter(name => called.includes(name));
    // Nobody called: then it was none of them, but the caller insists.
    const suspects = guilty.length === 0 ? without : guilty;
    const [only] = suspects;
    if (suspects.length === 1 && only !== undefined) this.#require(only);
    else this.#suspects = suspects;
  }

  #require(name: string): void {
    this.#decide(new Set([name]), true);
    this.#suspects = undefined;
  }

  #decide(names: ReadonlySet<string>, required: boolean): void {
    for (const { name, prior } of this.#undecided)
      if (names.has(name)) this.#decided.push({ name, prior, required });
    this.#undecided = this.#undecided.filter(({ name }) => !names.has(name));
  }

  #odds(candidates: readonly Candidate[]): readonly number[] {
    return learnedOdds(candidates, this.#decided);
  }

  #block(): readonly string[] {
    const size = blockSize(this.#odds(this.#undecided));
    return this.#undecided.slice(0, size).map(({ name }) => name);
  }

  #half(suspects: readonly string[]): readonly string[] {
    const among = new Set(suspects);
    const odds = this.#odds(this.#undecided.filter(({ name }) => among.has(name)));
    const last = suspects[splitOf(odds) - 1];
    const end = this.#undecided.findIndex(({ name }) => name === last);
    return this.#undecided.slice(0, end + 1).map(({ name }) => name);
  }

  #ask(without: readonly string[]): Question {
    const gone = new Set(without);
    const kept = [...this.required, ...this.#undecided.map(({ name }) => name)].filter(
      name => !gone.has(name),
    );
    return {
      without,
      allowed: kept.sort((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0)),
    };
  }
}
