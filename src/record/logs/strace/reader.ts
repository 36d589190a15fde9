import type { AbiName } from "../../../abi/abi.ts";
import { abisOfMachine } from "../../../abi/abi.ts";
import { type Block, eachLine } from "../blocks.ts";
import { judge, type LogFilter } from "../filter.ts";
import { nameOf } from "../record.ts";
import type { Tally } from "../tally.ts";
import { parseResult, parseStraceLine, type Prefix, type StraceEvent } from "./line.ts";
import {
  abiOfMode,
  abiOfPrefix,
  type Births,
  guessAbi,
  type Image,
  newImage,
  numberOf,
  type Process,
  Processes,
} from "./processes.ts";
import { type SummaryRow, SummaryTable } from "./table.ts";

/** Different names that one program image may have called; there are not more in any kernel. */
const MAX_NAMES = 2000;
const DAY = 86_400;

export interface StraceOptions {
  readonly filter: LogFilter;
  /** The ABI of the machine that strace ran on; its 32-bit sibling goes with it. */
  readonly machine: AbiName;
  /** Pid of all lines, for a file of `strace -ff`. */
  readonly pid: number | undefined;
  readonly births: Births;
}

/** Decodes the C string that an argument list starts with. */
function firstString(rest: string): string | undefined {
  const match = /^"((?:[^"\\]|\\.)*)"(?!\.\.\.)/.exec(rest);
  if (match === null) return undefined;
  const bytes = (match[1] ?? "").replaceAll(
    /\\(?:x([0-9a-f]{2})|([0-7]{1,3})|(.))/g,
    (_, hex: string | undefined, octal: string | undefined, plain: string | undefined) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      return { n: "\n", t: "\t", r: "\r", v: "\v", f: "\f" }[plain ?? ""] ?? plain ?? "";
    },
  );
  // Escapes stand for bytes, of which several may make a letter; what strace left alone is text already.
  return /[\u0100-\uffff]/.test(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

/** Reads the output of strace: one process or many (`-f`), with times, decorations, tables, in any combination. */
export class StraceReader {
  readonly #tally: Tally;
  readonly #options: StraceOptions;
  readonly #processes: Processes;
  readonly #table = new SummaryTable();
  readonly #tableRows: (SummaryRow & { readonly mode: string | undefined })[] = [];
  /** Whether the times of the log are seconds since the epoch. */
  epoch = false;
  /** The process whose call the last line left open. */
  #broken: Process | undefined;
  #clock = 0;
  #days = 0;
  #calls = 0;

  constructor(tally: Tally, options: StraceOptions) {
    this.#tally = tally;
    this.#options = options;
    this.#processes = new Processes(options.births, image => this.#retire(image));
  }

  block(block: Block): void {
    if (block.overlong > 0) {
      this.#tally.gap("unreadable", "lines longer than 1 MiB were left out", undefined, block.overlong);
    }
    eachLine(block, (line, offset) => this.#line(line, offset));
  }

  settle(): void {
    this.#processes.settle();
  }

  finish(): void {
    for (const process of this.#processes.all()) this.#flushPending(process);
    this.#processes.endAll();
    // With -C the table repeats what the lines have shown.
    if (this.#calls > 0) return;
    this.#tally.found += this.#tableRows.length;
    for (const row of this.#tableRows) this.#countRow(row);
  }

  #line(line: string, offset: number): void {
    const parsed = parseStraceLine(line);
    if (parsed !== undefined) {
      this.#event(parsed.prefix, parsed.event);
      return;
    }
    if (this.#continuation(line)) return;
    const { mode } = this.#table;
    if (this.#table.line(line, row => this.#tableRows.push({ ...row, mode }))) return;
    this.#tally.gap(
      "unreadable",
      "lines are not of strace: the program's own output, or damaged",
      "let strace write to a file of its own: strace -o FILE",
      1,
      offset,
    );
  }

  /** On a terminal the program's output and strace's own messages break lines: the rest of a call stands alone. */
  #continuation(line: string): boolean {
    const process = this.#broken;
    const pending = process?.pending;
    if (process === undefined || pending === undefined) return false;
    if (/^ ?<unfinished \.\.\.>$/.test(line)) return true;
    if (parseResult(line) === undefined) return false;
    this.#call(process, { kind: "call", name: pending.name, rest: line, part: "resumed" }, pending.seconds);
    return true;
  }

  #event(prefix: Prefix, event: StraceEvent): void {
    const pid = prefix.pid ?? this.#options.pid ?? 0;
    if (event.kind === "exit") {
      const process = this.#processes.of(event.supersededBy ?? pid);
      this.#flushPending(process);
      this.#processes.end(process.pid);
      return;
    }
    const seconds = this.#seconds(prefix);
    if (event.kind === "other") return;
    const process = this.#processes.of(pid);
    if (prefix.comm !== undefined) process.comm = prefix.comm;
    if (event.kind === "personality") {
      this.#setAbi(process, abiOfMode(this.#options.machine, event.mode));
      return;
    }
    this.#setAbi(process, abiOfPrefix(this.#options.machine, prefix, event.name));
    this.#call(process, event, seconds);
  }

  /** Moves the log's clock on and returns its time, undefined without one. */
  #seconds({ clock, seconds }: Prefix): number | undefined {
    if (clock === undefined || seconds === undefined) return undefined;
    if (clock === "relative") {
      this.#clock += seconds;
      return this.#clock;
    }
    this.epoch = clock === "epoch";
    if (this.epoch) return seconds;
    // Past midnight the time of day starts anew; lines of several processes are a little out of order.
    if (seconds + this.#days * DAY < this.#clock - DAY / 2) this.#days++;
    this.#clock = seconds + this.#days * DAY;
    return this.#clock;
  }

  #setAbi(process: Process, abi: AbiName | undefined): void {
    const { image } = process;
    if (abi === undefined || abi === image.abi) return;
    if (image.abi === undefined && image.calls.size === 0) image.abi = abi;
    else this.#processes.replace(process, newImage(image.executable, abi));
  }

  #call(process: Process, event: StraceEvent & { kind: "call" }, now: number | undefined): void {
    const { name, part } = event;
    const result = parseResult(event.rest);
    if (part === "unfinished" || (part === "whole" && result === undefined)) {
      this.#flushPending(process);
      process.pending = { name, rest: event.rest, seconds: now };
      this.#broken = process;
      return;
    }
    this.#broken = undefined;
    const begun = part === "resumed" && process.pending?.name === name ? process.pending : undefined;
    if (part === "resumed") process.pending = undefined;
    else this.#flushPending(process);
    const rest = begun === undefined ? event.rest : begun.rest + event.rest;
    this.#count(process, name, begun?.seconds ?? now, result?.errno);
    this.#processes.born(process, name, result?.value);
    if ((name === "execve" || name === "execveat") && result?.value === 0) {
      const path = name === "execve" ? firstString(rest) : undefined;
      process.comm = path === undefined ? undefined : path.slice(path.lastIndexOf("/") + 1).slice(0, 15);
      this.#processes.replace(process, newImage(path, undefined));
    }
  }

  /** A call that never came back, because a signal or the end of the log came between. */
  #flushPending(process: Process): void {
    const { pending } = process;
    if (pending === undefined) return;
    process.pending = undefined;
    this.#count(process, pending.name, pending.seconds, undefined);
  }

  #count(process: Process, name: string, now: number | undefined, errno: string | undefined): void {
    const verdict = judge(this.#options.filter, {
      pid: process.pid === 0 ? undefined : process.pid,
      comm: process.comm,
      executable: process.image.executable,
      time: this.epoch ? now : undefined,
    });
    if (verdict === "untold") {
      this.#tally.gap("unreadable", "lines do not tell what the filter asks for, and were left out");
    }
    this.#calls++;
    this.#tally.found++;
    if (verdict !== "in") return;
    const { calls } = process.image;
    let entry = calls.get(name);
    if (entry === undefined) {
      if (calls.size >= MAX_NAMES) return;
      entry = { count: 0, first: Infinity, errnos: new Map() };
      calls.set(name, entry);
    }
    entry.count++;
    this.#tally.records++;
    if (errno !== undefined) entry.errnos.set(errno, (entry.errnos.get(errno) ?? 0) + 1);
    if (now === undefined) return;
    entry.first = Math.min(entry.first, now);
    this.#tally.saw(now);
  }

  /** Adds what a program image did, now that its ABI is known as well as it ever will be. */
  #retire({ abi: told, calls, executable }: Image): void {
    if (calls.size === 0) return;
    const { machine } = this.#options;
    const abi = told ?? guessAbi(machine, calls.keys());
    for (const [name, { count, first, errnos }] of calls) {
      const found = this.#resolve(abi, name, count);
      if (found === undefined) continue;
      const call = this.#tally.call("strace", found.abi, found.number, nameOf(found.abi, found.number), {
        executable,
      });
      call.count += count;
      call.first = Math.min(call.first, first);
      call.errnos ??= new Map();
      for (const [errno, times] of errnos) call.errnos.set(errno, (call.errnos.get(errno) ?? 0) + times);
    }
  }

  /** The call of a name, on its ABI or else on another one of the same machine. */
  #resolve(abi: AbiName, name: string, count: number): { abi: AbiName; number: number } | undefined {
    for (const candidate of [abi, ...abisOfMachine(this.#options.machine).map(known => known.name)]) {
      const number = numberOf(candidate, name);
      if (number !== undefined) return { abi: candidate, number };
    }
    this.#tally.gap(
      "unreadable",
      `no syscall of ${this.#options.machine} is called ${name}`,
      undefined,
      count,
    );
    return undefined;
  }

  #countRow({ syscall, calls, mode }: SummaryRow & { readonly mode: string | undefined }): void {
    const { machine } = this.#options;
    const abi = mode === undefined ? machine : (abiOfMode(machine, mode) ?? machine);
    const found = this.#resolve(abi, syscall, calls);
    if (found === undefined) return;
    const call = this.#tally.call("strace", found.abi, found.number, nameOf(found.abi, found.number), {});
    call.count += calls;
    this.#tally.records += calls;
  }
}
