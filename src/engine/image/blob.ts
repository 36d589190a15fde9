import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";
import { Readable } from "node:stream";
import { InputError } from "../../errors.ts";
import type { Blob } from "./model.ts";

export function openBlob({ file, offset, size }: Blob): Readable {
  if (size === 0) return Readable.from([]);
  return createReadStream(file, { start: offset, end: offset + size - 1 });
}

/** Its first bytes. */
export function readBlob({ file, offset, size }: Blob, most: number): Buffer {
  const bytes = Buffer.alloc(Math.min(size, most));
  const fd = openSync(file, "r");
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset));
  } finally {
    closeSync(fd);
  }
}

/** A whole file as a blob. */
export function fileBlob(file: string, name: string): Blob {
  return { name, file, offset: 0, size: statSync(file).size };
}

/** @throws InputError when it is too large or no JSON object. */
export function parseBlob(blob: Blob, limit: number, source: string): Record<string, unknown> | unknown[] {
  const place = { file: source };
  if (blob.size > limit) throw new InputError(`${blob.name}: larger than ${limit} bytes`, place);
  let value: unknown;
  try {
    value = JSON.parse(readBlob(blob, limit).toString("utf8"));
  } catch (cause) {
    throw new InputError(`${blob.name}: no JSON`, place, { cause });
  }
  if (typeof value !== "object" || value === null)
    throw new InputError(`${blob.name}: no JSON object`, place);
  return value as Record<string, unknown> | unknown[];
}
