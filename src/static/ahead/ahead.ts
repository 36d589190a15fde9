import { MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import type { AheadScans, Module, ScanAhead } from "../code/module.ts";
import type { CodeRange } from "../code/ranges.ts";
import { readScan } from "../code/summary.ts";
import type { FunctionScan } from "../model.ts";
import {
  Control,
  MOST_MODULES,
  MOST_RANGES,
  Place,
  SEGMENT_WORDS,
  SEGMENTS,
  sharedWords,
  type Shared,
  type SharedModule,
} from "./shared.ts";

/** Requests that wait; of more, the oldest are left to the analysis. A power of two. */
const REQUESTS = 1 << 16;
/** Memory of the thread besides what it shares: a file with more functions than fit is left to the analysis. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 };

/**
 * A thread that scans functions of large files while the analysis still follows others: the analysis says which it has found
 * and will come to, and takes what is ready when it does. What is not, it scans itself, so that the result is the same.
 */
export class ReadAhead implements ScanAhead {
  #shared: Shared | undefined;
  #worker: Worker | undefined;
  #port: MessagePort | undefined;
  #modules = 0;
  readonly #counts = { taken: 0 };

  /** How many scans of the thread were used. */
  get taken(): number {
    return this.#counts.taken;
  }

  of(module: Module): AheadScans | undefined {
    const { elf, ranges, slots } = module;
    const isShared = elf.bytes.buffer instanceof SharedArrayBuffer && ranges.length < MOST_RANGES;
    if (!isShared || module.language !== undefined || this.#modules >= MOST_MODULES) return undefined;
    this.#shared ??= this.#start();
    const number = this.#modules++;
    const places = sharedWords(ranges.length);
    this.#port?.postMessage({
      path: module.path,
      sha256: module.sha256,
      bytes: elf.bytes,
      slots: slots.table,
      ranges: shareRanges(ranges),
      places,
    } satisfies SharedModule);
    return new ScansOfModule(module, number, places, this.#shared, this.#counts);
  }

  #start(): Shared {
    const shared = {
      control: sharedWords(2),
      requests: sharedWords(REQUESTS),
      scans: sharedWords(SEGMENTS * SEGMENT_WORDS),
      waiting: sharedWords(SEGMENTS),
    };
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = new Worker(new URL("./ahead-worker.js", import.meta.url), {
      workerData: { shared, port: port2 },
      transferList: [port2],
      execArgv: [],
      resourceLimits: LIMITS,
    });
    // Without the thread the analysis only takes longer.
    this.#worker.on("error", () => undefined);
    return shared;
  }

  close(): void {
    if (this.#shared === undefined) return;
    Atomics.store(this.#shared.control, Control.closed, 1);
    for (const word of Object.values(Control)) Atomics.notify(this.#shared.control, word);
    this.#port?.close();
    void this.#worker?.terminate();
  }
}

function shareRanges(ranges: readonly CodeRange[]): Float64Array {
  const words = new Float64Array(new SharedArrayBuffer(ranges.length * 24));
  let next = 0;
  for (const { start, end, lsda } of ranges) {
    words[next++] = start;
    words[next++] = end;
    words[next++] = lsda;
  }
  return words;
}

class ScansOfModule implements AheadScans {
  readonly #module: Module;
  readonly #number: number;
  readonly #places: Int32Array;
  readonly #shared: Shared;
  readonly #counts: { taken: number };

  constructor(module: Module, number: number, places: Int32Array, shared: Shared, counts: { taken: number }) {
    this.#counts = counts;
    this.#module = module;
    this.#number = number;
    this.#places = places;
    this.#shared = shared;
  }

  expect(index: number): void {
    const { control, requests } = this.#shared;
    const made = Atomics.load(control, Control.requested);
    Atomics.store(requests, made & (REQUESTS - 1), this.#number * MOST_RANGES + index);
    Atomics.store(control, Control.requested, made + 1);
    Atomics.notify(control, Control.requested);
  }

  take(index: number): FunctionScan | undefined {
    const place = Atomics.compareExchange(this.#places, index, Place.open, Place.taken);
    const range = this.#module.ranges[index];
    if (place <= 0 || range === undefined) return undefined;
    const { scans, waiting } = this.#shared;
    const scan = readScan(scans, place, this.#module.low, range);
    Atomics.sub(waiting, Math.floor(place / SEGMENT_WORDS), 1);
    this.#counts.taken++;
    return scan;
  }
}
