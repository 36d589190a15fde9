/** A map from three 32-bit integers to one, in flat memory: a garbage collector has nothing to do with it. */
export class TripleTable {
  #size = 0;
  #mask: number;
  /** Four numbers an entry: the key, and the value. */
  #entries: Int32Array;
  #used: Uint8Array;

  /** @param room entries before it grows for the first time, a power of two */
  constructor(room = 64) {
    this.#mask = room - 1;
    this.#entries = new Int32Array(room * 4);
    this.#used = new Uint8Array(room);
  }

  /** Where a key is, or would be put. */
  #slot(a: number, b: number, c: number): number {
    let hash = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca77) ^ Math.imul(c, 0xc2b2_ae3d);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b_3c6d);
    hash ^= hash >>> 13;
    const entries = this.#entries;
    const used = this.#used;
    let slot = hash & this.#mask;
    while (used[slot] === 1) {
      const at = slot * 4;
      if (entries[at] === a && entries[at + 1] === b && entries[at + 2] === c) return slot;
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  get(a: number, b: number, c: number): number | undefined {
    const slot = this.#slot(a, b, c);
    return this.#used[slot] === 1 ? this.#entries[slot * 4 + 3] : undefined;
  }

  set(a: number, b: number, c: number, value: number): void {
    const slot = this.#slot(a, b, c);
    if (this.#used[slot] === 0) {
      this.#used[slot] = 1;
      this.#size++;
    }
    const at = slot * 4;
    this.#entries[at] = a;
    this.#entries[at + 1] = b;
    this.#entries[at + 2] = c;
    this.#entries[at + 3] = value;
    if (this.#size * 2 > this.#mask) this.#grow();
  }

  #grow(): void {
    const entries = this.#entries;
    const used = this.#used;
    const room = (this.#mask + 1) * 4;
    this.#mask = room - 1;
    this.#entries = new Int32Array(room * 4);
    this.#used = new Uint8Array(room);
    for (let slot = 0; slot < used.length; slot++) {
      if (used[slot] === 0) continue;
      const from = slot * 4;
      const free = this.#slot(entries[from] ?? 0, entries[from + 1] ?? 0, entries[from + 2] ?? 0);
      this.#used[free] = 1;
      for (let i = 0; i < 4; i++) this.#entries[free * 4 + i] = entries[from + i] ?? 0;
    }
  }
}
