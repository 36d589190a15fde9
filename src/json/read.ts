import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { InputError } from "../errors.ts";

/** Largest file that is read whole, in bytes. */
export const MAX_FILE_BYTES: number = 64 * 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "no permission to read it",
  EISDIR: "is a directory, not a file",
  ENOTDIR: "a part of the path is not a directory",
  ELOOP: "too many symbolic links",
  ENXIO: "is a device or socket, not a file",
  ENAMETOOLONG: "the path is too long",
};

/**
 * Reads a regular file of at most `limit` bytes. Never waits: a FIFO, device or directory is refused at once.
 * @throws InputError when it cannot be read.
 */
export function readBytes(file: string, limit: number = MAX_FILE_BYTES): Buffer {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw refused(file, error);
  }
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw new InputError("is a directory, not a file", { file });
    if (!stat.isFile()) throw new InputError("is not a regular file", { file });
    if (stat.size > limit) {
      throw new InputError(`has ${stat.size} bytes, more than the ${limit} that are read`, { file });
    }
    // One byte more than the size shows a file that grows; those of /proc say 0 and have content all the same.
    const room = Buffer.alloc(Math.min(limit, stat.size === 0 ? 65_536 : stat.size) + 1);
    let length = 0;
    for (;;) {
      const got = readSync(fd, room, length, room.length - length, null);
      length += got;
      if (got === 0) return room.subarray(0, length);
      if (length === room.length) throw new InputError("grows while it is read, or is too large", { file });
    }
  } catch (error) {
    throw refused(file, error);
  } finally {
    closeSync(fd);
  }
}

function refused(file: string, error: unknown): InputError {
  if (error instanceof InputError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return new InputError(REASONS[code] ?? `cannot be read (${code})`, { file }, { cause: error });
}

/** UTF-8 bytes as text. @throws InputError with the byte's offset where they are not UTF-8. */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new InputError("is not UTF-8 text", { file }, { cause: error });
  }
}

/** A regular file as text. @throws InputError when it cannot be read or is not UTF-8. */
export function readText(file: string, limit: number = MAX_FILE_BYTES): string {
  return decodeText(readBytes(file, limit), file);
}
