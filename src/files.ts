import {
  closeSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import process from "node:process";
import { InputError } from "./errors.ts";

/** What `writeWhole` writes to before it takes the file's name; in the same folder, and the same for each writing. */
export function temporaryOf(file: string): string {
  const absolute = realPath(file);
  return path.join(path.dirname(absolute), `.${path.basename(absolute)}.${process.pid}.tmp`);
}

/**
 * Writes a file whole or not at all: readers see the old content or the new one, also when we are killed. What is no
 * regular file (`/dev/stdout`, a FIFO) is written as it is.
 * @param content all of it, or its parts in their order
 * @throws InputError when it cannot be written there
 */
export function writeWhole(
  file: string,
  content: string | Uint8Array | readonly (string | Uint8Array)[],
): void {
  const parts = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
  try {
    if (isSpecial(file)) writeParts(file, parts);
    else replace(file, parts);
  } catch (cause) {
    throw new InputError(`cannot be written (${codeOf(cause)})`, { file }, { cause });
  }
}

function writeParts(file: string, parts: readonly (string | Uint8Array)[]): void {
  const descriptor = openSync(file, "w");
  try {
    for (const part of parts) writeFileSync(descriptor, part);
  } finally {
    closeSync(descriptor);
  }
}

function replace(file: string, parts: readonly (string | Uint8Array)[]): void {
  const temporary = temporaryOf(file);
  try {
    writeParts(temporary, parts);
    renameSync(temporary, realPath(file));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A symbolic link stays, and what it leads to is replaced. */
function realPath(file: string): string {
  return statSync(file, { throwIfNoEntry: false }) === undefined ? path.resolve(file) : realpathSync(file);
}

/** A device, a pipe or an open file by its descriptor (`/dev/stdout`), which a file must not take the place of. */
function isSpecial(file: string): boolean {
  if (/^\/(dev|proc)\//.test(path.resolve(file))) return true;
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile() && !stat.isDirectory();
}

/**
 * To be called before long work whose result goes there.
 * @throws InputError when `writeWhole` would fail
 */
export function requireWritable(file: string): void {
  let reason: string | undefined;
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) reason = "is a directory";
    else if (!isSpecial(file)) {
      writeFileSync(temporaryOf(file), "");
      rmSync(temporaryOf(file));
    }
  } catch (error) {
    reason = `cannot be written (${codeOf(error)})`;
  }
  if (reason !== undefined) throw new InputError(reason, { file });
}

/** @throws InputError when there is none and none can be made */
export function ensureFolder(folder: string): void {
  makeFolder(folder);
}

/**
 * Makes sure that there is a folder while `body` runs; where that fails and nothing is in it, what was made is removed.
 * @throws InputError when there is none and none can be made; what `body` throws
 */
export async function withFolder<T>(folder: string, body: () => Promise<T>): Promise<T> {
  const first = makeFolder(folder);
  try {
    return await body();
  } catch (error) {
    if (first !== undefined) removeEmpty(path.resolve(folder), path.resolve(first));
    throw error;
  }
}

/** @returns the outermost folder that had to be made */
function makeFolder(folder: string): string | undefined {
  try {
    return mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new InputError(`no folder can be made there (${codeOf(cause)})`, { file: folder }, { cause });
  }
}

/** From `folder` out to `last`, as far as they are empty. */
function removeEmpty(folder: string, last: string): void {
  try {
    rmdirSync(folder);
  } catch {
    return;
  }
  if (folder !== last) removeEmpty(path.dirname(folder), last);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown";
}
