/** General registers, SP not among them. */
const COUNT = 31;

/**
 * Addresses that registers hold while instructions are read in order: ADRP gives a page, what follows the rest.
 * A forward branch takes what is known along to its target. After an unconditional jump whatever was known stays,
 * unless a branch has said what holds there: a stale address names one place too many, a forgotten one loses a place.
 */
export class KnownAddresses {
  readonly #values = new Float64Array(COUNT).fill(-1);
  readonly #pending = new Map<number, Float64Array>();
  #any = false;
  #ended = false;

  reset(): void {
    this.#values.fill(-1);
    this.#pending.clear();
    this.#any = false;
    this.#ended = false;
  }

  /** To be called with the address of each instruction before anything else. */
  arrive(address: number): void {
    if (this.#pending.size > 0) {
      const other = this.#pending.get(address);
      if (other !== undefined) {
        this.#pending.delete(address);
        if (this.#ended) this.#values.set(other);
        else for (let r = 0; r < COUNT; r++) if (this.#values[r] === -1) this.#values[r] = other[r] ?? -1;
        this.#any = true;
      }
    }
    this.#ended = false;
  }

  /** What register `r` holds, or -1. */
  get(r: number): number {
    return r < 0 ? -1 : (this.#values[r] ?? -1);
  }

  set(r: number, address: number): void {
    if (r < 0 || r >= COUNT) return;
    this.#values[r] = address;
    if (address !== -1) this.#any = true;
  }

  kill(mask: number): void {
    if (!this.#any) return;
    for (let left = mask & 0x7fff_ffff; left !== 0; left &= left - 1) {
      this.#values[31 - Math.clz32(left & -left)] = -1;
    }
  }

  branch(from: number, target: number): void {
    if (!this.#any || target <= from) return;
    const old = this.#pending.get(target);
    if (old === undefined) this.#pending.set(target, this.#values.slice());
    else for (let r = 0; r < COUNT; r++) if (old[r] === -1) old[r] = this.#values[r] ?? -1;
  }

  /** Control does not reach the next instruction from here. */
  end(): void {
    this.#ended = true;
  }
}
