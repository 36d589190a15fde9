import type { Range } from "../elf/image.ts";
import { lastAtOrBefore } from "../sorted.ts";

const PAGE = 4096;

/** Code that a computed jump may lead to any instruction of. */
export interface Stretch extends Range {
  /** Of the instructions, ascending. */
  readonly starts: readonly number[];
  /** It goes on at its end, in another one. */
  readonly isCutShort: boolean;
  /** Where one starts that has the instruction at its end. */
  readonly joins: number | undefined;
}

/**
 * Stretches of code in the gaps between known functions, each of which is read once, by the entry that it starts with,
 * however many entries lie in it. What Haskell's compiler makes is all such code.
 */
export class OpenStretches {
  /** By the pages that they overlap. */
  readonly #pages = new Map<number, Stretch[]>();
  readonly #continued = new Set<number>();

  add(stretch: Stretch): void {
    for (let page = Math.floor(stretch.start / PAGE); page * PAGE < stretch.end; page++) {
      const there = this.#pages.get(page);
      if (there === undefined) this.#pages.set(page, [stretch]);
      else there.push(stretch);
    }
    if (stretch.isCutShort && stretch.joins === undefined) this.#continued.add(stretch.end);
  }

  /** Where the stretch starts that an instruction is in. */
  around(address: number): number | undefined {
    const there = this.#pages.get(Math.floor(address / PAGE));
    return there?.find(
      ({ start, end, starts }) =>
        address >= start && address < end && starts[lastAtOrBefore(starts, address)] === address,
    )?.start;
  }

  /** Whether a stretch that was cut short goes on here. */
  continuesAt(address: number): boolean {
    return this.#continued.has(address);
  }
}
