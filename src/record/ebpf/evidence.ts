import type { Abi } from "../../abi/abi.ts";
import { syscallByNumber } from "../../abi/syscalls.ts";
import { joinEvidence } from "../../evidence/join.ts";
import type { ArgumentValues, Evidence, Gap, Observation, Run } from "../../evidence/model.ts";
import { errnoName } from "../../linux/libc.ts";
import type { Finding } from "../../linux/features.ts";
import { capabilityGaps, type CapabilityMaps } from "./capabilities.ts";
import type { CallUnderWay } from "./adopted.ts";
import { creditCrossings } from "./crossings.ts";
import * as layout from "./layout.ts";
import type { Maps } from "./page.ts";

export interface ReadOptions {
  readonly maps: Maps;
  readonly cells: Uint8Array;
  readonly abis: readonly Abi[];
  readonly startedNs: bigint;
  /** The target was started by us: what comes before its first exec is the launcher's. */
  readonly launched: boolean;
  /** The target ran already when the recording began. */
  readonly running: boolean;
  /** Only processes that have loaded a filter are the target's. */
  readonly container: boolean;
  /** Results of some calls were not looked at. */
  readonly resultsMissed: boolean;
  /** Calls in which processes were when the recording began; the tracepoint at their start had passed. */
  readonly underWay: readonly (CallUnderWay & { readonly executable: string })[];
  readonly capabilities: CapabilityMaps | undefined;
  /** In a container, why there are none. */
  readonly capabilitiesUnseen: Finding | undefined;
  readonly run: Run;
}

interface Page {
  readonly id: number;
  readonly row: number;
  readonly phase: Observation["phase"];
  readonly abi: Abi;
}

/** Turns the maps of a recording into evidence. */
export function readEvidence(options: ReadOptions): Evidence {
  // A page comes after the path of its executable: whoever has the pages first finds all of their paths.
  const pages = [...readPages(options)];
  const paths = readPaths(options.maps);
  const errnos = readErrnos(options.maps);
  const values = readValues(options.maps);
  const cells = new BigUint64Array(options.cells.buffer, options.cells.byteOffset, layout.MAX_CELLS * 2);
  const observations: Observation[] = [];
  for (const page of pages) {
    const executable = paths.get(page.row);
    for (let number = 0; number < layout.PAGE_NUMBERS; number++) {
      const cell = (page.id << layout.PAGE_SHIFT) + number;
      const count = Number(cells[cell * 2] ?? 0n);
      const failed = errnos.get(cell);
      if (count === 0 && failed === undefined) continue;
      const seen = observe(options, page, number + page.abi.numberBase, executable);
      if (seen === undefined) continue;
      const first = (cells[cell * 2 + 1] ?? 0n) >> BigInt(layout.FIRST_SHIFT);
      const firstSeen = Math.max(0, Math.round(Number(first - options.startedNs) / 1e3) / 1e6);
      observations.push({
        ...seen,
        ...(count === 0 ? { reason: "denied-by-active-filter" as const } : { firstSeen }),
        count: count === 0 ? Object.values(failed ?? {}).reduce((a, b) => a + b, 0) : count,
        errnos: failed ?? {},
        ...(values.has(cell) ? { arguments: values.get(cell) ?? [] } : {}),
      });
    }
  }
  return joinEvidence({
    seccraft: "evidence/1",
    runs: [options.run],
    observations: [...creditCrossings(observations), ...readOdd(options, paths), ...observeUnderWay(options)],
    gaps: readGaps(options, paths),
  });
}

/** The common part of an observation; undefined for what the launcher does for itself. */
function observe(
  { run, launched, container }: ReadOptions,
  page: Page,
  number: number,
  executable: string | undefined,
): Observation | undefined {
  const syscall = syscallByNumber(page.abi.name, number)?.name ?? `syscall_${number}`;
  const base = {
    run: run.id,
    abi: page.abi.name,
    number,
    syscall,
    ...((page.row & layout.ENTERED) === 0 ? {} : { entry: "exec" as const }),
  };
  if (container) {
    const row = page.row & ~layout.ENTERED;
    if (row === layout.UNKNOWN_ROW) return undefined;
    if (row === layout.RUNTIME_ROW) return { ...base, phase: "runtime", label: "container-runtime" };
  }
  if (launched && page.row === layout.UNKNOWN_ROW) {
    // Between loading the filter and the program's start the launcher calls execve and nothing else.
    return syscall === "execve" ? { ...base, phase: "runtime", label: "container-runtime" } : undefined;
  }
  return {
    ...base,
    ...(page.phase === undefined ? {} : { phase: page.phase }),
    ...(executable === undefined ? {} : { executable }),
  };
}

function observeUnderWay({ underWay, run }: ReadOptions): Observation[] {
  return underWay.map(({ abi, number, executable }) => ({
    run: run.id,
    abi,
    number,
    syscall: syscallByNumber(abi, number)?.name ?? `syscall_${number}`,
    phase: "serving",
    executable,
    firstSeen: 0,
    count: 1,
  }));
}

function readPages({ maps, abis }: ReadOptions): Page[] {
  const { keys, values, count } = maps.pages.entries();
  const pages: Page[] = [];
  for (let i = 0; i < count; i++) {
    const id = values.readUInt32LE(i * 4);
    const kind = keys.readUInt32LE(i * 8 + 4);
    const abi = abis[kind & 0xff];
    if (abi === undefined) continue;
    if (id === layout.OVERFLOW_PAGE && pages.some(page => page.id === id && page.abi === abi)) continue;
    pages.push({
      id,
      row: id === layout.OVERFLOW_PAGE ? layout.OVERFLOW_ROW : keys.readUInt32LE(i * 8),
      phase: id === layout.OVERFLOW_PAGE ? undefined : layout.PHASES[kind >> 8],
      abi,
    });
  }
  return pages;
}

function readPaths(maps: Maps): Map<number, string> {
  const { keys, values, count } = maps.paths.entries();
  const paths = new Map<number, string>();
  for (let i = 0; i < count; i++) {
    const bytes = keys.subarray(i * layout.PATH_BYTES, (i + 1) * layout.PATH_BYTES);
    const end = bytes.indexOf(0);
    paths.set(values.readUInt32LE(i * 4), bytes.toString("utf8", 0, end < 0 ? bytes.length : end));
  }
  return paths;
}

function readErrnos(maps: Maps): Map<number, Record<string, number>> {
  const { keys, values, count } = maps.errnos.entries();
  const errnos = new Map<number, Record<string, number>>();
  for (let i = 0; i < count; i++) {
    const cell = keys.readUInt32LE(i * 8);
    const name = errnoName(keys.readUInt32LE(i * 8 + 4));
    const known = errnos.get(cell) ?? {};
    known[name] = Number(values.readBigUInt64LE(i * 8));
    errnos.set(cell, known);
  }
  return errnos;
}

function readValues(maps: Maps): Map<number, ArgumentValues[]> {
  const counts = maps.valueCounts.entries();
  const capped = new Set<string>();
  for (let i = 0; i < counts.count; i++) {
    if (counts.values.readBigUInt64LE(i * 8) > BigInt(layout.MAX_VALUES))
      capped.add(`${counts.keys.readUInt32LE(i * 8)} ${counts.keys.readUInt32LE(i * 8 + 4)}`);
  }
  const { keys, count } = maps.values.entries();
  const found = new Map<number, Map<number, bigint[]>>();
  for (let i = 0; i < count; i++) {
    const cell = keys.readUInt32LE(i * 16);
    const index = keys.readUInt32LE(i * 16 + 4);
    const ofCell = found.get(cell) ?? new Map<number, bigint[]>();
    ofCell.set(index, [...(ofCell.get(index) ?? []), keys.readBigUInt64LE(i * 16 + 8)]);
    found.set(cell, ofCell);
  }
  return new Map(
    [...found].map(([cell, ofCell]) => [
      cell,
      [...ofCell]
        .sort(([a], [b]) => a - b)
        .map(([index, values]) => ({
          index,
          values: values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).map(value => `0x${value.toString(16)}`),
          complete: !capped.has(`${cell} ${index}`),
        })),
    ]),
  );
}

function readOdd(options: ReadOptions, paths: ReadonlyMap<number, string>): Observation[] {
  const { keys, values, count } = options.maps.odd.entries();
  const pages = new Map(readPages(options).map(page => [page.id, page]));
  const observations: Observation[] = [];
  for (let i = 0; i < count; i++) {
    const page = pages.get(keys.readUInt32LE(i * 8));
    if (page === undefined) continue;
    const seen = observe(options, page, keys.readUInt32LE(i * 8 + 4), paths.get(page.row));
    if (seen !== undefined) observations.push({ ...seen, count: Number(values.readBigUInt64LE(i * 8)) });
  }
  return observations;
}

function readGaps(options: ReadOptions, paths: ReadonlyMap<number, string>): Gap[] {
  const gaps: Gap[] =
    options.capabilities === undefined
      ? []
      : capabilityGaps(options.capabilities, options.run.id, options.abis, paths);
  const full = (reason: string, remedy: string): void =>
    void gaps.push({ run: options.run.id, kind: "capped", reason, remedy });
  if (options.running) {
    gaps.push({
      run: options.run.id,
      kind: "not-watched",
      reason: "it ran already when the recording began: what it called before is not known",
      remedy: "record it from its start as well, and merge both",
    });
  }
  const unseen = options.capabilitiesUnseen;
  if (unseen !== undefined) {
    gaps.push({
      run: options.run.id,
      kind: "capabilities-unseen",
      reason: `for want of which capabilities calls failed is not known: ${unseen.reason}`,
      remedy: unseen.remedy ?? "",
    });
  }
  if (options.resultsMissed) {
    gaps.push({
      run: options.run.id,
      kind: "results-unseen",
      reason:
        "at times there were too many calls a second to look at their results: errnos are counted for a part of the run only",
    });
  }
  const pages = options.maps.pages.entries();
  for (let i = 0; i < pages.count; i++) {
    if (pages.values.readUInt32LE(i * 4) !== layout.OVERFLOW_PAGE) continue;
    full(
      `more than ${layout.MAX_PAGES} combinations of executable, phase and ABI; some calls are kept without them`,
      "Record the parts of the workload one at a time.",
    );
    break;
  }
  return gaps;
}
