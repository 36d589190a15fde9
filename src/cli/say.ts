import { fstatSync, writeSync } from "node:fs";
import process from "node:process";
import { InputError } from "../errors.ts";
import { writeWhole } from "../files.ts";
import { wrap } from "../wrap.ts";

/** Longer lines are hard to read. */
const WIDEST = 120;

/** How many columns text on a stream may take: those of a terminal; elsewhere a line is as long as it is. */
export function columnsFor(stream: NodeJS.WriteStream): number {
  // A terminal that nobody told its size has none.
  const columns = stream.columns === 0 ? undefined : stream.columns;
  return stream.isTTY ? Math.max(20, Math.min(WIDEST, columns ?? 80)) : Infinity;
}

/** Says something to people, on stderr; on a terminal long lines are broken at blanks. */
export function tell(text: string): void {
  process.stderr.write(wrap(text, columnsFor(process.stderr)));
}

/**
 * Writes data to standard output, all of it. Node leaves out what a full disk does not take, and says nothing.
 * @throws InputError when it cannot be written there
 */
export function print(content: string | Uint8Array): void {
  if (process.stdout.isTTY || !isFile()) {
    process.stdout.write(content);
    return;
  }
  try {
    let rest = Buffer.from(content);
    while (rest.length > 0) rest = rest.subarray(writeSync(process.stdout.fd, rest));
  } catch (cause) {
    throw cannotPrint(cause as NodeJS.ErrnoException);
  }
}

export function cannotPrint(cause: NodeJS.ErrnoException): InputError {
  return new InputError(`cannot be written (${cause.code})`, { file: "standard output" }, { cause });
}

/** A device is one as well: writing there does not wait. */
function isFile(): boolean {
  const stat = fstatSync(process.stdout.fd);
  return stat.isFile() || stat.isCharacterDevice();
}

/** Writes data to a file, whole, or to standard output. @throws InputError when it cannot be written there */
export function writeOutput(content: string | Uint8Array, file: string | undefined): void {
  if (file === undefined) print(content);
  else writeWhole(file, content);
}

/** Writes a result for people, which scripts may read as well: its lines are broken on a terminal alone. */
export function show(text: string, file?: string): void {
  if (file === undefined) print(wrap(text, columnsFor(process.stdout)));
  else writeWhole(file, text);
}
