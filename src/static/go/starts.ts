import type { KnownFunction } from "../model.ts";

/** The starts of functions, by a bit per address, because tens of millions of words are asked for. */
export class StartSet {
  readonly low: number;
  readonly high: number;
  readonly #bits: Uint8Array;

  constructor(functions: readonly KnownFunction[]) {
    this.low = functions[0]?.start ?? 0;
    this.high = (functions.at(-1)?.start ?? -1) + 1;
    this.#bits = new Uint8Array(Math.ceil((this.high - this.low) / 8) + 1);
    for (const { start } of functions) {
      const at = start - this.low;
      this.#bits[at >>> 3] = (this.#bits[at >>> 3] ?? 0) | (1 << (at & 7));
    }
  }

  has(address: number): boolean {
    if (address < this.low || address >= this.high) return false;
    const at = address - this.low;
    return (((this.#bits[at >>> 3] ?? 0) >>> (at & 7)) & 1) === 1;
  }
}
