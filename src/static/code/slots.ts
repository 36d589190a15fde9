import type { Relocations } from "../elf/relocations.ts";

const EMPTY = -1;

/** A table by hash, on memory that threads can share. */
export interface SlotTable {
  readonly addresses: Float64Array;
  readonly rows: Int32Array;
}

/** Rows of relocations by the address of the word that each fills: asked for at every second instruction. */
export class SlotRows {
  readonly table: SlotTable;
  readonly #mask: number;
  readonly #addresses: Float64Array;
  readonly #rows: Int32Array;

  constructor(table: SlotTable) {
    this.table = table;
    this.#addresses = table.addresses;
    this.#rows = table.rows;
    this.#mask = table.rows.length - 1;
  }

  /** Of several relocations of one word, the last counts. */
  static of({ address, count }: Relocations): SlotRows {
    const size = 2 ** Math.ceil(Math.log2(2 * count + 2));
    const slots = new SlotRows({
      addresses: new Float64Array(new SharedArrayBuffer(size * 8)).fill(EMPTY),
      rows: new Int32Array(new SharedArrayBuffer(size * 4)),
    });
    for (let row = 0; row < count; row++) {
      const at = slots.#placeOf(address[row] ?? 0);
      slots.#addresses[at] = address[row] ?? 0;
      slots.#rows[at] = row;
    }
    return slots;
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
