import type { FunctionScan } from "../model.ts";
import type { Module } from "./module.ts";
import type { CodeRange } from "./ranges.ts";
import { exact } from "./scan.ts";

/**
 * What is known of a file's functions from an earlier analysis: where they are, and what those refer to that it looked
 * at. It depends on nothing but the file.
 */
export interface CodeSummary {
  readonly ranges: readonly CodeRange[];
  /** By the index of the range. */
  scan(index: number): FunctionScan | undefined;
}

/** Lists of a scan in the order in which they are written. */
const LISTS = ["calls", "jumps", "slots", "taken", "data", "syscalls", "foreign", "indirect"] as const;
/** Words before the lists: their lengths, and whether it returns. */
const HEAD = LISTS.length + 1;
const NO_LSDA = -1;

/**
 * Writes ranges and scans as 32-bit words: how many ranges; three words for each range and one that says where its scan
 * begins, or 0; the scans. Addresses count from the module's lowest. Undefined where they do not fit.
 */
export function encodeSummary(module: Module): Int32Array | undefined {
  const { ranges, low, high } = module;
  if (high - low > 0x7fff_ffff) return undefined;
  const scans = ranges.map((_, index) => module.knownScan(index));
  let place = 1 + ranges.length * 4;
  const size = scans.reduce((sum, scan) => sum + (scan === undefined ? 0 : scanSize(scan)), place);
  const words = new Int32Array(size);
  words[0] = ranges.length;
  for (const [index, { start, end, lsda }] of ranges.entries()) {
    const scan = scans[index];
    const at = 1 + index * 4;
    words[at] = start - low;
    words[at + 1] = end - low;
    words[at + 2] = lsda < 0 ? NO_LSDA : lsda - low;
    if (scan === undefined) continue;
    if (!writeScan(words, place, scan, low)) return undefined;
    words[at + 3] = place;
    place += scanSize(scan);
  }
  return words;
}

/** Words that a scan takes. */
export function scanSize(scan: FunctionScan): number {
  let size = HEAD;
  for (const name of LISTS) size += scan[name].length;
  return size;
}

/** Writes a scan from a place on; false if an address in it is too far from the lowest one. */
export function writeScan(words: Int32Array, place: number, scan: FunctionScan, low: number): boolean {
  let next = place + HEAD;
  let fits = true;
  for (const [i, name] of LISTS.entries()) {
    const list = scan[name];
    words[place + i] = list.length;
    for (let at = 0; at < list.length; at++) {
      const value = list[at] ?? 0;
      const word = isUse(name, at) ? value : value - low;
      fits &&= (word | 0) === word;
      words[next++] = word;
    }
  }
  words[place + LISTS.length] = scan.returns ? 1 : 0;
  return fits;
}

/** Every third word of the slots is no address. */
function isUse(list: (typeof LISTS)[number], index: number): boolean {
  return list === "slots" && index % 3 === 2;
}

/** Reads what `encodeSummary` wrote. @param low lowest address of the module */
export function decodeSummary(words: Int32Array, low: number): CodeSummary {
  const word = (at: number): number => words[at] ?? 0;
  const ranges = Array.from({ length: word(0) }, (_, index): CodeRange => {
    const at = 1 + index * 4;
    const lsda = word(at + 2);
    return { start: low + word(at), end: low + word(at + 1), lsda: lsda === NO_LSDA ? -1 : low + lsda };
  });
  return {
    ranges,
    scan: index => {
      const range = ranges[index];
      const at = word(4 + index * 4);
      return range === undefined || at === 0 ? undefined : readScan(words, at, low, range);
    },
  };
}

/** Reads what `writeScan` wrote. */
export function readScan(
  words: Int32Array,
  at: number,
  low: number,
  { start, end }: CodeRange,
): FunctionScan {
  let next = at + HEAD;
  const [calls, jumps, slots, taken, data, syscalls, foreign, indirect] = LISTS.map((name, i) => {
    const list: number[] = [];
    for (let left = words[at + i] ?? 0; left > 0; left--) {
      const word = words[next++] ?? 0;
      list.push(isUse(name, list.length) ? word : word + low);
    }
    return exact(list);
  }) as Lists;
  const returns = words[at + LISTS.length] === 1;
  return { start, end, calls, jumps, slots, taken, data, syscalls, foreign, indirect, returns };
}

type List = readonly number[];
type Lists = [List, List, List, List, List, List, List, List];
