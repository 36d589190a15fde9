import type { SlotTable } from "../code/slots.ts";

/** What the analysis shares with the thread that scans ahead of it. All of it is on shared memory. */
export interface Shared {
  /** Words of `Control`. */
  readonly control: Int32Array;
  /** The last requests, one a word: the number of the module, and the index of a range in it. */
  readonly requests: Int32Array;
  /** Scans, as `writeScan` writes them, in segments that are used again once all in them are taken. */
  readonly scans: Int32Array;
  /** By segment: how many scans in it are not taken yet. */
  readonly waiting: Int32Array;
}

export const SEGMENTS = 12;
export const SEGMENT_WORDS: number = 1 << 16;

export const Control = {
  /** Requests that were made so far. */
  requested: 0,
  /** 1 once the analysis is over. */
  closed: 1,
} as const;

/** A module as the thread gets it. */
export interface SharedModule {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly slots: SlotTable;
  /** Triples: start, end and LSDA of each range. */
  readonly ranges: Float64Array;
  /** By the index of a range: where its scan is in `Shared.scans`, or one of `Place`. */
  readonly places: Int32Array;
}

export const Place = {
  /** Nobody has looked at it. */
  open: 0,
  /** One of the two threads has taken it. */
  taken: -1,
} as const;

/** A request holds the number of a module and the index of a range in 31 bits. */
export const MOST_MODULES = 128;
export const MOST_RANGES: number = 1 << 24;

export function sharedWords(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(count * 4));
}
