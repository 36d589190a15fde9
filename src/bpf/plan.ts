import { type Decision, outcome, test } from "./decision.ts";

/** Numbers from `from` to the next range's start (or the end of 32 bits), all decided alike. */
export interface NumberRange {
  readonly from: number;
  readonly decision: Decision;
}

/** What a filter does on one `seccomp_data.arch`. */
export interface ArchPlan {
  /** AUDIT_ARCH_*, unsigned. */
  readonly audit: number;
  /** Ascending; the first starts at 0. */
  readonly ranges: readonly NumberRange[];
  /** How often each number is called, as far as known; only the ratios matter. */
  readonly frequencies?: ReadonlyMap<number, number>;
}

/** A whole filter, before it is code. */
export interface FilterPlan {
  /** The likeliest first. */
  readonly arches: readonly ArchPlan[];
  /** For every other arch. */
  readonly other: Decision;
}

/** Makes equal decisions one object, so that they can be compared and shared. */
export class Interner {
  private readonly known = new Map<string, Decision>();
  private readonly ids = new Map<Decision, number>();
  private readonly done = new Map<Decision, Decision>();

  id(decision: Decision): number {
    let id = this.ids.get(decision);
    if (id === undefined) {
      id = this.ids.size;
      this.ids.set(decision, id);
    }
    return id;
  }

  intern(decision: Decision): Decision {
    const finished = this.done.get(decision);
    if (finished !== undefined) return finished;
    const made = this.make(decision);
    this.done.set(decision, made);
    return made;
  }

  private make(decision: Decision): Decision {
    if (decision.kind === "return") return outcome(decision.value);
    const yes = this.intern(decision.yes);
    const no = this.intern(decision.no);
    const { word, operator, mask, value } = decision;
    const made = test(word, operator, mask, value, yes, no);
    if (made.kind === "return" || made === yes || made === no) return made;
    const key = `${word} ${operator} ${mask} ${value} ${this.id(yes)} ${this.id(no)}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.known.set(key, made);
    return made;
  }
}

/** Joins neighbours that decide alike; decisions must be interned. */
export function joinRanges(ranges: readonly NumberRange[]): NumberRange[] {
  const joined: NumberRange[] = [];
  for (const range of ranges) {
    if (joined.at(-1)?.decision !== range.decision) joined.push(range);
  }
  return joined;
}
