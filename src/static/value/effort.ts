/**
 * How much work may go into the values of one process: steps over instructions, mostly. A file that was made to be
 * endless gets gaps in the end; the largest real programs need a twentieth of it.
 */
export class Effort {
  #left: number;

  constructor(steps: number = 20_000_000) {
    this.#left = steps;
  }

  /** Takes `steps` off; false once nothing is left. */
  spend(steps: number): boolean {
    this.#left -= steps;
    return this.#left >= 0;
  }
}
