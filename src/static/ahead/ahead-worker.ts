import { receiveMessageOnPort, workerData, type MessagePort } from "node:worker_threads";
import { aarch64 } from "../aarch64/machine.ts";
import { Module } from "../code/module.ts";
import type { CodeRange } from "../code/ranges.ts";
import { Scanner } from "../code/scan.ts";
import { SlotRows } from "../code/slots.ts";
import { scanSize, writeScan } from "../code/summary.ts";
import { ElfFile } from "../elf/file.ts";
import { x8664 } from "../x86-64/machine.ts";
import {
  Control,
  MOST_RANGES,
  Place,
  SEGMENT_WORDS,
  SEGMENTS,
  type Shared,
  type SharedModule,
} from "./shared.ts";

const { shared, port } = workerData as { readonly shared: Shared; readonly port: MessagePort };
const { control, requests, scans, waiting } = shared;
/** Milliseconds until it looks again whether a segment is free. */
const PAUSE = 1;

interface Asked {
  readonly module: Module;
  readonly scanner: Scanner;
  readonly places: Int32Array;
}

/** In the order in which they were sent. */
const modules: Asked[] = [];
/** The segment that is written to, and its next free word; the very first stands for no scan. */
let segment = 0;
let next = 1;

const isOver = (): boolean => Atomics.load(control, Control.closed) !== 0;

/** The place for so many words; undefined when no segment holds them, or the analysis is over. */
function room(size: number): number | undefined {
  if (size >= SEGMENT_WORDS) return undefined;
  if (next + size > SEGMENT_WORDS) {
    let free = freeSegment();
    for (; free < 0; free = freeSegment()) {
      if (isOver()) return undefined;
      Atomics.wait(control, Control.closed, 0, PAUSE);
    }
    segment = free;
    next = 1;
  }
  const place = segment * SEGMENT_WORDS + next;
  next += size;
  return place;
}

function freeSegment(): number {
  for (let other = 0; other < SEGMENTS; other++)
    if (other !== segment && Atomics.load(waiting, other) === 0) return other;
  return -1;
}

function open({ path, sha256, bytes, slots, ranges, places }: SharedModule): Asked {
  const found: CodeRange[] = [];
  for (let i = 0; i < ranges.length; i += 3)
    found.push({ start: ranges[i] ?? 0, end: ranges[i + 1] ?? 0, lsda: ranges[i + 2] ?? -1 });
  const elf = new ElfFile(path, bytes);
  const module = new Module(path, elf, elf.machine === "x86_64" ? x8664 : aarch64, {
    sha256,
    summaries: { load: () => ({ ranges: found, scan: () => undefined }) },
    slots: new SlotRows(slots),
  });
  return { module, scanner: new Scanner(module), places };
}

/** The module of a number, which was sent before anything in it was asked for. */
function moduleOf(number: number): Asked | undefined {
  while (number >= modules.length) {
    const sent = receiveMessageOnPort(port);
    if (sent === undefined) return undefined;
    modules.push(open(sent.message as SharedModule));
  }
  return modules[number];
}

/** Scans a function, unless that was done. */
function scan(request: number): void {
  const asked = moduleOf(Math.floor(request / MOST_RANGES));
  const index = request % MOST_RANGES;
  const range = asked?.module.ranges[index];
  if (asked === undefined || range === undefined) return;
  const { module, scanner, places } = asked;
  if (Atomics.compareExchange(places, index, Place.open, Place.taken) !== Place.open) return;
  const found = scanner.range(range.start, range.end);
  const place = room(scanSize(found));
  if (place === undefined || !writeScan(scans, place, found, module.low)) return;
  Atomics.add(waiting, Math.floor(place / SEGMENT_WORDS), 1);
  Atomics.store(places, index, place);
}

/** Answers requests until the analysis is over. */
function run(): void {
  let done = 0;
  while (!isOver()) {
    const requested = Atomics.load(control, Control.requested);
    if (requested === done) {
      Atomics.wait(control, Control.requested, requested);
      continue;
    }
    // What was overwritten is left to the analysis.
    done = Math.max(done, requested - requests.length / 2);
    for (; done < requested && !isOver(); done++) scan(Atomics.load(requests, done & (requests.length - 1)));
  }
}

run();
