import type { Unusable } from "./record.ts";
import type { Call } from "./tally.ts";

/** Different kinds of records that are kept; beyond that each record is parsed anew. */
const MAX_SIGNATURES = 50_000;
/** Kinds with one hash that are kept; more would only be made on purpose. */
const MAX_CHAIN = 8;
const PRIME = 0x01000193;

/** What a record leads to: a call to count, nothing because it is filtered out, or a reason why it is of no use. */
export type Meaning = Call | "out" | "untold" | Unusable;

/** Where in a block the bytes lie that all records of a kind share. */
export interface Extent {
  /** From `comm=` up to ` ip=`, at least 40 bytes. */
  process: number;
  processEnd: number;
  /** ` code=0x…`, at least 8 bytes. */
  code: number;
  codeEnd: number;
}

/** Bytes to compare with, four at a time. */
class Pattern {
  readonly length: number;
  readonly #words: Int32Array;
  readonly #tail: Uint8Array;

  constructor(view: DataView, start: number, end: number) {
    this.length = end - start;
    const words = this.length >> 2;
    this.#words = Int32Array.from({ length: words }, (_, i) => view.getInt32(start + 4 * i, true));
    this.#tail = Uint8Array.from({ length: this.length & 3 }, (_, i) => view.getUint8(start + 4 * words + i));
  }

  isAt(view: DataView, start: number): boolean {
    const words = this.#words;
    for (let i = 0; i < words.length; i++) if (view.getInt32(start + 4 * i, true) !== words[i]) return false;
    const tail = this.#tail;
    const rest = start + 4 * words.length;
    for (let i = 0; i < tail.length; i++) if (view.getUint8(rest + i) !== tail[i]) return false;
    return true;
  }
}

interface Signature {
  readonly process: Pattern;
  readonly code: Pattern;
  readonly meaning: Meaning;
}

/** A few words that tell most kinds apart: the syscall stands at the end of the bytes. */
function hashOf(view: DataView, { process, processEnd: end, codeEnd }: Extent): number {
  let hash = Math.imul((end - process) ^ view.getInt32(codeEnd - 8, true), PRIME);
  hash = Math.imul(hash ^ view.getInt32(process + 6, true), PRIME);
  hash = Math.imul(hash ^ view.getInt32(end - 36, true), PRIME);
  hash = Math.imul(hash ^ view.getInt32(end - 16, true), PRIME);
  return Math.imul(hash ^ view.getInt32(end - 13, true), PRIME);
}

/**
 * Finds what a record means without making a string of it, by the bytes that all of its kind share. A hash finds
 * the candidates, the bytes decide: no log can make two records look alike.
 */
export class Signatures {
  readonly #byHash = new Map<number, Signature[]>();
  #size = 0;

  find(view: DataView, at: Extent): Meaning | undefined {
    const candidates = this.#byHash.get(hashOf(view, at));
    if (candidates === undefined) return undefined;
    for (const { process, code, meaning } of candidates) {
      const sized = process.length === at.processEnd - at.process && code.length === at.codeEnd - at.code;
      if (sized && process.isAt(view, at.process) && code.isAt(view, at.code)) return meaning;
    }
    return undefined;
  }

  add(view: DataView, at: Extent, meaning: Meaning): void {
    const hash = hashOf(view, at);
    const candidates = this.#byHash.get(hash) ?? [];
    if (this.#size >= MAX_SIGNATURES || candidates.length >= MAX_CHAIN) return;
    this.#size++;
    candidates.push({
      process: new Pattern(view, at.process, at.processEnd),
      code: new Pattern(view, at.code, at.codeEnd),
      meaning,
    });
    this.#byHash.set(hash, candidates);
  }
}
