import type { Phase } from "../../evidence/model.ts";
import type { Block } from "./blocks.ts";
import { FastRecord } from "./fast.ts";
import { byProcess, byRecord, judge, type LogFilter, type Origin } from "./filter.ts";
import { LOSS_CONTEXT, LOSS_NEEDLES, LossWatch } from "./losses.ts";
import { parseRecord, type RecordedAction, type SeccompRecord, type Unusable } from "./record.ts";
import { Serials } from "./serials.ts";
import { type Extent, type Meaning, Signatures } from "./signatures.ts";
import type { Call, Tally } from "./tally.ts";

const NEWLINE = 10;
/**
 * Before the stamp of a record. A single byte that is rarer in logs than any other of a record is found at the speed
 * of memchr(3), with half the cost per hit of a longer needle.
 */
const PARENTHESIS = 40;
/** What comes before it. */
const KERNEL = Buffer.from("=1326 audit");
const AUDIT_STAMP = Buffer.from(" audit");
const AUDIT = Buffer.from("CCOMP");

const GAPS: Readonly<Record<Unusable | "untold", string>> = {
  "cut-off": "records are cut off or damaged",
  "no-arch": "records do not tell the architecture, as those of kernels before 3.16",
  "unknown-arch": "records name an architecture that is not known",
  "no-number": "records name a syscall that is not known",
  untold: "records do not tell what the filter asks for, and were left out",
};

/** Actions under which the call was not carried out as the program asked. */
const DENIALS: ReadonlySet<RecordedAction> = new Set(["errno", "trap", "kill"]);

/** What runc calls its own process in a container until it executes the program. */
const RUNTIME = /^runc:\[/;

/** Start and end of the line that holds an offset, without its line end. */
function lineAround(text: Buffer, at: number, blockStart: number): [start: number, end: number] {
  const start = Math.max(blockStart, text.lastIndexOf(NEWLINE, at) + 1);
  const newline = text.indexOf(NEWLINE, at);
  const end = newline === -1 ? text.length : newline;
  return [start, text[end - 1] === 13 ? end - 1 : end];
}

/** Reads what is JSON around records; true when the line was that. */
export type JsonReader = (line: string, offset: number) => boolean;

/**
 * Finds seccomp records and announcements of loss in the text of any log. Lines are only looked at where a needle is;
 * records in the kernel's own format are read as bytes, all others as text.
 */
export class RecordScanner {
  readonly channels: Set<SeccompRecord["channel"]> = new Set();
  readonly #tally: Tally;
  readonly #processFilter: LogFilter;
  /** Undefined when every record of a process passes. */
  readonly #recordFilter: LogFilter | undefined;
  readonly #json: JsonReader;
  #signatures = new Signatures();
  readonly #losses: LossWatch;
  readonly #serials = new Serials();
  readonly #record = new FastRecord();
  #fastRecords = 0;

  constructor(tally: Tally, filter: LogFilter, json: JsonReader) {
    this.#tally = tally;
    this.#processFilter = byProcess(filter);
    this.#recordFilter = byRecord(filter);
    this.#losses = new LossWatch(tally);
    this.#json = json;
  }

  block({ bytes, start, end, base, overlong }: Block): void {
    if (overlong > 0) {
      this.#tally.gap("unreadable", "lines longer than 1 MiB were left out", undefined, overlong);
    }
    const text = bytes.subarray(0, end);
    this.#kernelRecords(text, bytes, start, base);
    for (let at = text.indexOf(AUDIT, start); at !== -1; at = text.indexOf(AUDIT, at)) {
      at = this.#slow(text, at, start, base);
    }
    for (const needle of LOSS_NEEDLES) {
      for (let at = text.indexOf(needle, start); at !== -1; at = text.indexOf(needle, at)) {
        const [from, to] = lineAround(text, at, start);
        // The kernel tells the cause of a loss in the next line.
        const next = text.indexOf(NEWLINE, Math.min(to + 2, end));
        const last = Math.min(next === -1 ? end : next, at + LOSS_CONTEXT);
        this.#losses.line(text.toString("utf8", Math.max(from, at - LOSS_CONTEXT), last), base + from);
        at = to;
      }
    }
  }

  #kernelRecords(text: Buffer, bytes: Buffer, start: number, base: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#record.within(view);
    for (let at = text.indexOf(PARENTHESIS, start); at !== -1; at = text.indexOf(PARENTHESIS, at)) {
      const needle = at - KERNEL.length;
      if (this.#record.read(needle, text.length)) {
        this.#fast(view, bytes);
        at = this.#record.end;
      } else if (needle >= start && KERNEL.compare(text, needle, at) === 0) {
        at = this.#slow(text, needle, start, base);
      } else if (needle >= start && AUDIT_STAMP.compare(text, at - AUDIT_STAMP.length, at) === 0) {
        this.#otherKind(text, at);
        at++;
      } else {
        at++;
      }
    }
    if (this.#fastRecords === 0) return;
    this.channels.add("kernel");
    this.#tally.found += this.#fastRecords;
    this.#fastRecords = 0;
  }

  /** Records of other kinds have their share of the serial numbers. */
  #otherKind(text: Buffer, at: number): void {
    const around = text.toString("latin1", Math.max(0, at - 16), at + 40);
    const serial = /type=\d{4} audit\(\d{10}\.\d{3}:(\d{1,12})\)/.exec(around)?.[1];
    if (serial !== undefined) this.#serials.saw(Number(serial));
  }

  /** What is read from now on happened in this phase. */
  setPhase(phase: Phase): void {
    this.#tally.phase = phase;
    // They lead to the calls of the phase before.
    this.#signatures = new Signatures();
  }

  /** What audit's counter of lost records showed when the log began. */
  startLosses(total: number): void {
    this.#losses.start(total);
  }

  /** Says what the log as a whole leaves open. */
  finish(): void {
    const missing = this.#serials.missing() - this.#losses.announced;
    if (missing > 0) {
      this.#tally.gap(
        "lost-events",
        "serial numbers are missing between the records: events of other kinds, or records that auditd took or that were lost",
        "make sure that nothing throttles: run `seccraft complain prepare` before the program",
        missing,
      );
    }
  }

  /** Counts a record that was read as text. */
  record(record: SeccompRecord | Unusable, containers: readonly string[] | undefined, offset: number): void {
    const meaning = this.#meaning(record, containers);
    this.#tally.found++;
    if (typeof record !== "string") {
      this.channels.add(record.channel);
      if (record.channel === "kernel" && record.serial !== undefined) this.#serials.saw(record.serial);
    }
    if (typeof meaning === "string") this.#leaveOut(meaning, offset);
    else if (typeof record !== "string") this.#count(meaning, { ...record, containers }, offset);
  }

  #meaning(record: SeccompRecord | Unusable, containers: readonly string[] | undefined): Meaning {
    if (typeof record === "string") return record;
    const verdict = judge(this.#processFilter, { ...record, containers });
    if (verdict !== "in") return verdict;
    // Between loading the filter and executing the program, the path is one of the runtime's own file system.
    const runtime = RUNTIME.test(record.comm ?? "");
    return this.#tally.call(record.channel, record.abi, record.number, record.syscall, {
      executable: runtime ? undefined : record.executable,
      label: runtime ? "container-runtime" : undefined,
      reason: DENIALS.has(record.action) ? "denied-by-active-filter" : undefined,
    });
  }

  #leaveOut(why: Exclude<Meaning, Call>, offset: number | undefined): void {
    if (why !== "out") this.#tally.gap("unreadable", GAPS[why], undefined, 1, offset);
  }

  #count(call: Call, origin: Origin, offset: number | undefined): void {
    const verdict = this.#recordFilter === undefined ? "in" : judge(this.#recordFilter, origin);
    if (verdict !== "in") {
      this.#leaveOut(verdict, offset);
      return;
    }
    call.count++;
    this.#tally.records++;
    const { time } = origin;
    if (time === undefined) return;
    if (time < call.first) call.first = time;
    this.#tally.saw(time);
  }

  /** Counts the record that was read in place. */
  #fast(view: DataView, bytes: Buffer): void {
    const { extent, time, pid, serial } = this.#record;
    const meaning = this.#signatures.find(view, extent) ?? this.#learn(view, bytes, extent);
    this.#serials.saw(serial);
    this.#fastRecords++;
    if (typeof meaning === "string") {
      this.#leaveOut(meaning, undefined);
    } else if (this.#recordFilter === undefined) {
      meaning.count++;
      if (time < meaning.first) meaning.first = time;
      this.#tally.records++;
      this.#tally.saw(time);
    } else {
      this.#count(meaning, { time, pid, session: this.#record.session() }, undefined);
    }
  }

  /** Parses the first record of a kind. The pid and the time are not part of its kind. */
  #learn(view: DataView, bytes: Buffer, extent: Extent): Meaning {
    const text = bytes.toString("utf8", extent.process, this.#record.end);
    const record = parseRecord(`type=1326 audit(0.0:0): pid=0 ${text}`) ?? "cut-off";
    const meaning = this.#meaning(record, undefined);
    this.#signatures.add(view, extent, meaning);
    return meaning;
  }

  #slow(text: Buffer, needle: number, blockStart: number, base: number): number {
    const [start, end] = lineAround(text, needle, blockStart);
    const line = text.toString("utf8", start, end);
    const offset = base + start;
    if (line.startsWith("{") && this.#json(line, offset)) return end;
    const record = parseRecord(line);
    if (record !== undefined) this.record(record, undefined, offset);
    return end;
  }
}
