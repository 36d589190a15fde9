/**
 * What a filter does with the arguments of one syscall: tests of 32-bit words, as classic BPF can make them, with a
 * return value at each end. Sub-decisions may be shared; there are no cycles.
 */
export type Decision = Outcome | Test;

export interface Outcome {
  readonly kind: "return";
  /** The filter's return value, unsigned 32 bits (`SECCOMP_RET_*` and data). */
  readonly value: number;
}

export interface Test {
  readonly kind: "test";
  /** Twice the argument's index, plus 1 for its high half. */
  readonly word: number;
  /** `word & mask` compared with `value`, unsigned. */
  readonly operator: "eq" | "gt" | "ge";
  readonly mask: number;
  readonly value: number;
  readonly yes: Decision;
  readonly no: Decision;
}

const outcomes = new Map<number, Outcome>();

/** The outcome for a value; the same object every time. */
export function outcome(value: number): Outcome {
  const known = outcomes.get(value);
  if (known !== undefined) return known;
  const made: Outcome = { kind: "return", value: value >>> 0 };
  outcomes.set(made.value, made);
  return made;
}

/** A test, or what it comes to when it can only go one way. */
export function test(
  word: number,
  operator: Test["operator"],
  mask: number,
  value: number,
  yes: Decision,
  no: Decision,
): Decision {
  if (yes === no) return yes;
  const m = mask >>> 0;
  const v = value >>> 0;
  if (operator === "eq" && (v & ~m) >>> 0 !== 0) return no;
  if (operator === "eq" && m === 0) return yes;
  if (operator === "ge" && v === 0) return yes;
  if (operator === "gt" && v >= m) return no;
  return { kind: "test", word, operator, mask: m, value: v, yes, no };
}

/** Whether `word & mask` passes the test. */
export function passes(node: Test, word: number): boolean {
  const masked = (word & node.mask) >>> 0;
  if (node.operator === "eq") return masked === node.value;
  return node.operator === "gt" ? masked > node.value : masked >= node.value;
}

/** The twelve words of six unsigned 64-bit arguments, low half first. */
export function wordsOf(args: readonly bigint[]): number[] {
  const words: number[] = [];
  for (let i = 0; i < 6; i++) {
    const value = args[i] ?? 0n;
    words.push(Number(value & 0xffff_ffffn), Number((value >> 32n) & 0xffff_ffffn));
  }
  return words;
}

/** The return value for six arguments given as twelve words. */
export function decide(decision: Decision, words: readonly number[]): number {
  let at = decision;
  while (at.kind === "test") at = passes(at, words[at.word] ?? 0) ? at.yes : at.no;
  return at.value;
}

/** The decision with every return value replaced; sharing is kept. */
export function mapOutcomes(decision: Decision, replace: (value: number) => number): Decision {
  const done = new Map<Decision, Decision>();
  const visit = (at: Decision): Decision => {
    const known = done.get(at);
    if (known !== undefined) return known;
    const made =
      at.kind === "return"
        ? outcome(replace(at.value))
        : test(at.word, at.operator, at.mask, at.value, visit(at.yes), visit(at.no));
    done.set(at, made);
    return made;
  };
  return visit(decision);
}
