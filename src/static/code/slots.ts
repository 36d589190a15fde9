import type { Relocations } from "../elf/relocations.ts";

const EMPTY = -1;

/** Rows of relocations by the address of the word that each fills: asked for at every second instruction. */
export class SlotRows {
  readonly #mask: number;
  readonly #addresses: Float64Array;
  readonly #rows: Int32Array;

  /** Of several relocations of one word, the last counts. */
  constructor({ address, count }: Relocations) {
    const size = 2 ** Math.ceil(Math.log2(2 * count + 2));
    this.#mask = size - 1;
    this.#addresses = new Float64Array(size).fill(EMPTY);
    this.#rows = new Int32Array(size);
    for (let row = 0; row < count; row++) {
      const at = this.#placeOf(address[row] ?? 0);
      this.#addresses[at] = address[row] ?? 0;
      this.#rows[at] = row;
    }
  }

  /** Where an address is, or where it would be. */
  #placeOf(address: number): number {
    let at = (Math.imul((address / 8) | 0, 0x9e37_79b1) >>> 7) & this.#mask;
    for (;;) {
      const there = this.#addresses[at];
      if (there === address || there === EMPTY) return at;
      at = (at + 1) & this.#mask;
    }
  }

  has(address: number): boolean {
    return address >= 0 && this.#addresses[this.#placeOf(address)] === address;
  }

  get(address: number): number | undefined {
    if (address < 0) return undefined;
    const at = this.#placeOf(address);
    return this.#addresses[at] === address ? this.#rows[at] : undefined;
  }
}
