import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { InputError } from "../../errors.ts";

/** Small enough for a block to stay in the processor's cache while it is looked at. */
const READ_BYTES = 128 * 1024;
/** Longest line that is looked at; what is longer is counted as unreadable. */
export const MAX_LINE_BYTES: number = 1024 * 1024;
/** How often a long read lets timers and signals have their turn. */
const BREATHE_EVERY = 64;

/** Bytes before and behind a block that may be looked at without harm, though they mean nothing. */
export const SLACK_BYTES: number = 8192;

/** Whole lines of a log. The bytes are only valid until the next block is asked for. */
export interface Block {
  readonly bytes: Buffer;
  /** The lines lie from `start` to `end`; the last one of all may lack its newline. */
  readonly start: number;
  readonly end: number;
  /** Add it to an index in `bytes` for the offset in the log, after decompression. */
  readonly base: number;
  /** Lines that were dropped for their length before this block. */
  readonly overlong: number;
}

/** Gives the next bytes into `into` at `at` (at most `length`), 0 at the end. */
type Fill = (into: Buffer, at: number, length: number) => number | Promise<number>;

/**
 * Reads always go to the same place, and what is left of a line is moved in front of it. The place must not be near
 * the start of a page: the kernel copies from page starts, and processors copy between addresses that agree in their
 * low bits up to four times slower (4 KiB aliasing).
 */
const HOME = SLACK_BYTES + MAX_LINE_BYTES + 1024;

async function* linesOf(fill: Fill): AsyncGenerator<Block> {
  const bytes = Buffer.allocUnsafeSlow(HOME + READ_BYTES + SLACK_BYTES).fill(0);
  let start = HOME;
  let consumed = 0;
  let overlong = 0;
  let skipping = false;
  for (let round = 1; ; round++) {
    if (round % BREATHE_EVERY === 0) await setImmediate();
    const filled = fill(bytes, HOME, READ_BYTES);
    const got = typeof filled === "number" ? filled : await filled;
    const length = HOME + got;
    const base = consumed - HOME;
    consumed += got;
    if (skipping) {
      const newline = bytes.subarray(HOME, length).indexOf(10);
      skipping = newline === -1;
      start = skipping ? length : HOME + newline + 1;
    }
    const newline = bytes.subarray(HOME, length).lastIndexOf(10);
    const end = got === 0 ? length : newline === -1 ? start : Math.max(start, HOME + newline + 1);
    if (end > start || (got === 0 && overlong > 0)) {
      yield { bytes, start, end, base, overlong };
      overlong = 0;
    }
    if (got === 0) return;
    const rest = length - end;
    if (rest > MAX_LINE_BYTES) {
      overlong++;
      skipping = true;
      start = HOME;
    } else {
      bytes.copyWithin(HOME - rest, end, length);
      start = HOME - rest;
    }
  }
}

/** Reads a regular file synchronously, which is much faster than by promises; anything else is refused. */
export async function* fileBlocks(file: string): AsyncGenerator<Block> {
  const fd = openRegular(file);
  try {
    yield* linesOf((into, at, length) => {
      try {
        return readSync(fd, into, at, length, null);
      } catch (error) {
        throw new InputError(`cannot be read (${(error as NodeJS.ErrnoException).code})`, { file });
      }
    });
  } finally {
    closeSync(fd);
  }
}

/** Opens without waiting for the writer of a FIFO. @throws InputError for what is no regular file. */
export function openRegular(file: string): number {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: "no such file",
      EACCES: "no permission to read it",
    };
    throw new InputError(reasons[code] ?? `cannot be read (${code})`, { file }, { cause: error });
  }
  const stat = fstatSync(fd);
  if (stat.isFile()) return fd;
  closeSync(fd);
  throw new InputError(stat.isDirectory() ? "is a directory, not a file" : "is not a regular file", { file });
}

/** Lines of a stream, such as standard input or what a decompressor gives. */
export async function* streamBlocks(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  const chunks = stream[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  let done = false;
  yield* linesOf(async (into, at, length) => {
    while (rest.length === 0 && !done) {
      const next = await chunks.next();
      if (next.done === true) done = true;
      else rest = next.value;
    }
    const taken = rest.subarray(0, length);
    into.set(taken, at);
    rest = rest.subarray(taken.length);
    return taken.length;
  });
}

/** Calls `visit` with the text of each line of a block, without its line end. */
export function eachLine(block: Block, visit: (line: string, offset: number) => void): void {
  let { start } = block;
  while (start < block.end) {
    const found = block.bytes.indexOf(10, start);
    const newline = found === -1 || found >= block.end ? block.end : found;
    const end = newline > start && block.bytes[newline - 1] === 13 ? newline - 1 : newline;
    visit(block.bytes.toString("utf8", start, end), block.base + start);
    start = newline + 1;
  }
}
