/** A candidate that has been decided, as far as it teaches something about the others. */
interface Decided {
  readonly prior: number;
  readonly required: boolean;
}

/** How far, in logits, the priors may be off as a whole: the standard deviation of that shift. */
const SHIFT_DEVIATION = 2;
const NEWTON_STEPS = 8;

function logit(chance: number): number {
  return Math.log(chance / (1 - chance));
}

function chanceOf(logits: number): number {
  return 1 / (1 + Math.exp(-logits));
}

/**
 * The chances that candidates are required, after what was decided so far: the priors, all shifted by the one amount
 * that makes the decisions likeliest (maximum a posteriori, by Newton's method).
 */
export function learnedOdds(
  candidates: readonly { readonly prior: number }[],
  decided: readonly Decided[],
): readonly number[] {
  let shift = 0;
  for (let step = 0; step < NEWTON_STEPS; step++) {
    let slope = -shift / SHIFT_DEVIATION ** 2;
    let curve = 1 / SHIFT_DEVIATION ** 2;
    for (const { prior, required } of decided) {
      const chance = chanceOf(logit(prior) + shift);
      slope += (required ? 1 : 0) - chance;
      curve += chance * (1 - chance);
    }
    // A long step past the flat part of the curve would not come back.
    shift += Math.max(-1, Math.min(1, slope / curve));
  }
  return candidates.map(({ prior }) => chanceOf(logit(prior) + shift));
}

/** Groups that decide almost as many per run are taken for as good. */
const AS_GOOD = 0.95;

/**
 * How many of the next candidates to remove in one run: the number with the most candidates decided per run, counting
 * the runs that it takes to find the first required one in a group that fails. Of about as good ones the largest: what
 * is left over costs a run of its own when nothing in it is required.
 * @param odds the chances that they are required, in order
 */
export function blockSize(odds: readonly number[]): number {
  const rates: number[] = [];
  /** The chance that none of them is required. */
  let none = 1;
  /** Sum of first · log2(first) over the chances of each being the first required one. */
  let surprise = 0;
  let decidedByFailure = 0;
  for (const [index, chance] of odds.entries()) {
    const first = none * chance;
    none *= 1 - chance;
    if (first > 0) surprise += first * Math.log2(first);
    decidedByFailure += first * (index + 1);
    const fails = 1 - none;
    const narrowing = index === 0 || fails <= 0 ? 0 : Math.log2(fails) * fails - surprise;
    rates.push((none * (index + 1) + decidedByFailure) / (1 + narrowing));
  }
  const enough = Math.max(...rates) * AS_GOOD;
  return rates.findLastIndex(rate => rate >= enough) + 1;
}

/**
 * Where to cut candidates of which at least one is required: after this many (at least one, not all) it is about as
 * likely that the first required one came before as that it comes after.
 */
export function splitOf(odds: readonly number[]): number {
  const firsts: number[] = [];
  let none = 1;
  for (const chance of odds) {
    firsts.push(none * chance);
    none *= 1 - chance;
  }
  const total = 1 - none;
  let before = 0;
  let best = { size: 1, distance: Infinity };
  for (const [index, first] of firsts.slice(0, -1).entries()) {
    before += first;
    const distance = Math.abs(before - total / 2);
    if (distance < best.distance) best = { size: index + 1, distance };
  }
  return best.size;
}
