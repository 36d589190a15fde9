import { SLACK_BYTES } from "./blocks.ts";
import type { Extent } from "./signatures.ts";

const NEWLINE = 10;
const SPACE = 32;
const QUOTE = 34;
const CLOSE = 41;
const DOT = 46;
const ZERO = 48;
const COLON = 58;
const EQUALS = 61;
const BACKSLASH = 92;

function word(text: string): number {
  return Buffer.from(text).readInt32LE(0);
}

const [TYPE, NUMBER, AUDI, SES, PID, COMM, IP, CODE, EQUALS_0X] = [
  word("type"),
  word("=132"),
  word("audi"),
  word(" ses"),
  word(" pid"),
  word("comm"),
  word(" ip="),
  word(" cod"),
  word("e=0x"),
] as const;
const T_OPEN = Buffer.from("t(").readInt16LE(0);
const ZERO_X = Buffer.from("0x").readInt16LE(0);
/** Lengths of what identifies a record that are tried before it is measured. */
const REMEMBERED = 32;
/** Longest part of a record that is read as bytes. */
const LONGEST = SLACK_BYTES / 4;

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function isHex(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102);
}

/**
 * Reads `type=1326 audit(TIME:SERIAL): … pid=N comm=… ip=0x… code=0x…` in place, one record after the other, without
 * making strings. Reads a little beyond the block (`SLACK_BYTES`), but never takes what it finds there.
 */
export class FastRecord {
  readonly extent: Extent = { process: 0, processEnd: 0, code: 0 };
  /** Offset behind the record. */
  end: number = 0;
  time: number = 0;
  pid: number = 0;
  serial: number = 0;
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Seconds of the last record and where their ten digits were, since they mostly repeat. */
  #seconds = 0;
  readonly #digits: [number, number, number] = [0, 0, 0];
  /** Digits of the last code, when there were eight. */
  readonly #lastCode: [number, number] = [0, 0];
  /** Distance from ` ip=` to ` code=` in the last record. */
  #codeAfter = 0;
  /** Distance from the end of the stamp to ` pid=` in the last record. */
  #pidAfter = 0;
  /** Offset of the end of the stamp. */
  #stampEnd = 0;
  readonly #lengths: number[] = [];

  /** @param view of the block's bytes. */
  within(view: DataView): void {
    this.#view = view;
  }

  /**
   * Reads the record whose `=1326 audit(` is at `needle`; false when it is not there, not quite in this format, or
   * not whole.
   */
  read(needle: number, end: number): boolean {
    const view = this.#view;
    const at = needle + 6;
    if (view.getInt32(at, true) !== AUDI || view.getInt32(needle, true) !== NUMBER) return false;
    if (view.getInt32(needle - 4, true) !== TYPE || view.getUint8(needle + 5) !== SPACE) return false;
    if (view.getInt16(at + 4, true) !== T_OPEN) return false;
    const stamp = this.#stamp(at + 6);
    if (stamp === 0) return false;
    this.#stampEnd = stamp;
    const process = this.#process(stamp, end);
    if (process === 0) return false;
    const processEnd = this.#processEnd(process, end);
    if (processEnd - process < 40 || view.getInt16(processEnd + 4, true) !== ZERO_X) return false;
    const code = this.#codeAt(processEnd);
    if (code === 0 || !this.#code(code + 8, end)) return false;
    const { extent } = this;
    extent.process = process;
    extent.processEnd = processEnd;
    return true;
  }

  /** Audit session of the record that was read; undefined when it tells none. */
  session(): number | undefined {
    const view = this.#view;
    const end = this.extent.process;
    for (let at = this.#stampEnd; at < end; at++) {
      if (view.getInt32(at, true) !== SES || view.getUint8(at + 4) !== EQUALS) continue;
      let session = 0;
      let byte = 0;
      for (at += 5; isDigit((byte = view.getUint8(at))); at++) session = session * 10 + byte - ZERO;
      return session;
    }
    return undefined;
  }

  /** Finds ` code=0x` behind ` ip=0x…`; 0 when something else is there. */
  #codeAt(processEnd: number): number {
    const view = this.#view;
    let at = processEnd + this.#codeAfter;
    if (view.getInt32(at, true) !== CODE || view.getInt32(at + 4, true) !== EQUALS_0X) {
      at = processEnd + 6;
      while (isHex(view.getUint8(at))) at++;
      if (view.getInt32(at, true) !== CODE || view.getInt32(at + 4, true) !== EQUALS_0X) return 0;
      this.#codeAfter = at - processEnd;
    }
    return at;
  }

  /** Reads the digits of the code; false when they are not all within the block, or somebody's quote follows. */
  #code(start: number, end: number): boolean {
    const view = this.#view;
    const last = this.#lastCode;
    let at = start + 8;
    let next = view.getUint8(at);
    if (isHex(next) || view.getInt32(start, true) !== last[0] || view.getInt32(start + 4, true) !== last[1]) {
      let value = 0;
      for (at = start; isHex((next = view.getUint8(at))) && at < start + 8; at++) {
        value = (value << 4) | (next <= 57 ? next - ZERO : next - 87);
      }
      this.extent.code = value;
      // Only eight digits can be recognised by two words.
      last[0] = at === start + 8 ? view.getInt32(start, true) : 0;
      last[1] = view.getInt32(start + 4, true);
    }
    this.end = at;
    return at > start && at <= end && (at === end || (next !== QUOTE && !isHex(next)));
  }

  /** Reads `SECONDS.MILLIS:SERIAL)`; returns the offset of the parenthesis, 0 for anything else. */
  #stamp(start: number): number {
    const view = this.#view;
    const digits = this.#digits;
    let at = start + 10;
    const [a, b, c] = [
      view.getInt32(start, true),
      view.getInt32(start + 4, true),
      view.getInt16(start + 8, true),
    ];
    if (a !== digits[0] || b !== digits[1] || c !== digits[2]) {
      let seconds = 0;
      for (at = start; at < start + 10; at++) {
        const byte = view.getUint8(at);
        if (!isDigit(byte)) return 0;
        seconds = seconds * 10 + byte - ZERO;
      }
      this.#seconds = seconds;
      digits[0] = a;
      digits[1] = b;
      digits[2] = c;
    }
    if (view.getUint8(at) !== DOT || view.getUint8(at + 4) !== COLON) return 0;
    let millis = 0;
    for (at++; at < start + 14; at++) {
      const byte = view.getUint8(at);
      if (!isDigit(byte)) return 0;
      millis = millis * 10 + byte - ZERO;
    }
    let serial = 0;
    let byte = 0;
    for (at++; isDigit((byte = view.getUint8(at))) && at < start + 30; at++)
      serial = serial * 10 + byte - ZERO;
    if (byte !== CLOSE) return 0;
    this.serial = serial;
    this.time = this.#seconds + millis / 1000;
    return at;
  }

  /** Reads ` pid=N comm=`; returns the offset of `comm=`, 0 for anything else. */
  #process(stamp: number, end: number): number {
    const view = this.#view;
    let at = stamp + this.#pidAfter;
    if (view.getInt32(at, true) !== PID || view.getUint8(at + 4) !== EQUALS) {
      const limit = Math.min(end, stamp + LONGEST);
      for (at = stamp; view.getInt32(at, true) !== PID || view.getUint8(at + 4) !== EQUALS; at++) {
        if (at >= limit || view.getUint8(at) === NEWLINE) return 0;
      }
      this.#pidAfter = at - stamp;
    }
    let pid = 0;
    let byte = 0;
    for (at += 5; isDigit((byte = view.getUint8(at))) && pid < 1e9; at++) pid = pid * 10 + byte - ZERO;
    this.pid = pid;
    return view.getInt32(at + 1, true) === COMM && view.getUint8(at + 5) === EQUALS ? at + 1 : 0;
  }

  /** Finds ` ip=`, which ends what identifies a record; 0 when the line ends first or holds a backslash. */
  #processEnd(process: number, end: number): number {
    const view = this.#view;
    const lengths = this.#lengths;
    for (let i = 0; i < lengths.length; i++) {
      const guess = process + (lengths[i] as number);
      if (guess < end && view.getInt32(guess, true) === IP) return guess;
    }
    const limit = Math.min(end, process + LONGEST);
    let at = process;
    for (; view.getInt32(at, true) !== IP; at++) {
      const byte = view.getUint8(at);
      if (at >= limit || byte === NEWLINE || byte === BACKSLASH) return 0;
    }
    lengths.unshift(at - process);
    if (lengths.length > REMEMBERED) lengths.pop();
    return at;
  }
}
