import type { Unusable } from "./record.ts";
import type { Call } from "./tally.ts";

/** Different kinds of records that are kept, and their bytes; beyond that each record is parsed anew. */
const MAX_SIGNATURES = 50_000;
const MAX_POOL_WORDS = 4_000_000;
/** Slots of the table; a power of two well above the kinds it holds. */
const SLOTS = 1 << 17;
/** Kinds that may be tried for one record; more would only be made on purpose. */
const MAX_PROBES = 8;
const PRIME = 0x01000193;

/** What a record leads to: a call to count, nothing because it is filtered out, or a reason why it is of no use. */
export type Meaning = Call | "out" | "untold" | Unusable;

/** What all records of a kind share. */
export interface Extent {
  /** Offsets of `comm=` and of the ` ip=` that ends it, at least 40 bytes. */
  process: number;
  processEnd: number;
  /** Value of `code=`. */
  code: number;
}

/**
 * Finds what a record means without making a string of it, by the bytes that all of its kind share. A hash finds
 * the candidates, the bytes decide: no log can make two records look alike.
 */
export class Signatures {
  /** Number of a signature plus one, by hash. */
  readonly #slots = new Int32Array(SLOTS);
  /** For each signature four numbers: place in the pool, length in bytes, code, and the bytes behind the last word. */
  #index = new Int32Array(1024);
  /** The bytes of all signatures, four at a time. */
  #pool = new Int32Array(16_384);
  #poolLength = 0;
  readonly #meanings: Meaning[] = [];

  find(view: DataView, at: Extent): Meaning | undefined {
    const slots = this.#slots;
    let slot = hashOf(view, at);
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const number = slots[slot] as number;
      if (number === 0) return undefined;
      if (this.#isAt(number - 1, view, at)) return this.#meanings[number - 1];
      slot = (slot + 1) & (SLOTS - 1);
    }
    return undefined;
  }

  #isAt(number: number, view: DataView, { process, processEnd, code }: Extent): boolean {
    const index = this.#index;
    const entry = 4 * number;
    const length = processEnd - process;
    if (index[entry + 1] !== length || index[entry + 2] !== code) return false;
    const pool = this.#pool;
    let word = index[entry] as number;
    const last = process + length - 4;
    for (let at = process; at <= last; at += 4) if (view.getInt32(at, true) !== pool[word++]) return false;
    // The last four bytes overlap the words where the length is no multiple of four.
    return view.getInt32(last, true) === index[entry + 3];
  }

  add(view: DataView, extent: Extent, meaning: Meaning): void {
    const { process, processEnd, code } = extent;
    const words = (processEnd - process) >> 2;
    const number = this.#meanings.length;
    if (number >= MAX_SIGNATURES || this.#poolLength + words > MAX_POOL_WORDS) return;
    let slot = hashOf(view, extent);
    for (let probe = 0; this.#slots[slot] !== 0; probe++) {
      if (probe >= MAX_PROBES) return;
      slot = (slot + 1) & (SLOTS - 1);
    }
    this.#index = grown(this.#index, 4 * number + 4);
    this.#pool = grown(this.#pool, this.#poolLength + words);
    this.#index.set(
      [this.#poolLength, processEnd - process, code, view.getInt32(processEnd - 4, true)],
      4 * number,
    );
    for (let i = 0; i < words; i++) this.#pool[this.#poolLength++] = view.getInt32(process + 4 * i, true);
    this.#meanings.push(meaning);
    this.#slots[slot] = number + 1;
  }
}

/** A slot, from a few words that tell most kinds apart: the syscall stands at the end of the bytes. */
function hashOf(view: DataView, { process, processEnd: end, code }: Extent): number {
  let hash = Math.imul((end - process) ^ code, PRIME);
  hash = Math.imul(hash ^ view.getInt32(process + 6, true), PRIME);
  hash = Math.imul(hash ^ view.getInt32(end - 36, true), PRIME);
  hash = Math.imul(hash ^ view.getInt32(end - 16, true), PRIME);
  hash = Math.imul(hash ^ view.getInt32(end - 13, true), PRIME);
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

/** The same numbers with room for at least `length`. */
function grown(numbers: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (length <= numbers.length) return numbers;
  const larger = new Int32Array(Math.max(length, 2 * numbers.length));
  larger.set(numbers);
  return larger;
}
