/** General registers, SP not among them. */
const COUNT = 31;

/**
 * Addresses that registers hold while instructions are read in order: ADRP gives a page, what follows the rest.
 * A branch takes what is known along to its target. After an unconditional jump whatever was known stays, unless a
 * branch has said what holds there: a stale address names one place too many, a forgotten one loses a place.
 * Where two addresses meet in one register, the first stays (2 functions of redis-server lose one mention each so).
 */
export class KnownAddresses {
  readonly #values = new Float64Array(COUNT).fill(-1);
  /** What branches bring to addresses, those of backward ones from an earlier reading of the same code. */
  readonly #arriving = new Map<number, Float64Array>();
  #any = false;
  #ended = false;
  #hasNews = false;

  reset(): void {
    this.#arriving.clear();
    this.restart();
  }

  /** Begins to read the same code again, with what backward branches brought. */
  restart(): void {
    this.#values.fill(-1);
    this.#any = false;
    this.#ended = false;
    this.#hasNews = false;
  }

  /** Whether a backward branch has brought something since the last start that its target did not know. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /** To be called with the address of each instruction before anything else. */
  arrive(address: number): void {
    const other = this.#arriving.size > 0 ? this.#arriving.get(address) : undefined;
    if (other !== undefined) {
      if (this.#ended) this.#values.set(other);
      else join(this.#values, other);
      this.#any = true;
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
    if (!this.#any) return;
    const old = this.#arriving.get(target);
    if (old === undefined) this.#arriving.set(target, this.#values.slice());
    const isNew = old === undefined ? this.#values.some(value => value !== -1) : join(old, this.#values);
    if (isNew && target <= from) this.#hasNews = true;
  }

  /** Control does not reach the next instruction from here. */
  end(): void {
    this.#ended = true;
  }
}

/** Fills what `into` does not know. Returns whether there was anything. */
function join(into: Float64Array, from: Float64Array): boolean {
  let changed = false;
  for (let r = 0; r < COUNT; r++) {
    if (into[r] !== -1 || from[r] === -1) continue;
    into[r] = from[r] ?? -1;
    changed = true;
  }
  return changed;
}
