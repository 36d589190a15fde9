import { closeSync, fstatSync, readSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openRegular } from "./blocks.ts";

const POLL_MS = 200;
const READ_BYTES = 128 * 1024;

/** The file that a path names now, to tell a rotated log from the same one. */
function identity(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.dev} ${stat.ino}`;
}

/**
 * Bytes of a log from its beginning and whatever is appended, until `signal` aborts. A log that is rotated is read
 * to its end and followed by its successor; one that is truncated is read from its beginning again.
 * @throws InputError when the file cannot be opened at first.
 */
export async function* followFile(file: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let fd = openRegular(file);
  try {
    let opened = identity(file);
    let position = 0;
    for (;;) {
      const bytes = Buffer.allocUnsafe(READ_BYTES);
      const got = readSync(fd, bytes, 0, READ_BYTES, position);
      if (got > 0) {
        position += got;
        yield bytes.subarray(0, got);
        continue;
      }
      if (signal.aborted) return;
      if (fstatSync(fd).size < position) position = 0;
      const current = identity(file);
      if (current !== undefined && current !== opened) {
        const next = openRegular(file);
        closeSync(fd);
        fd = next;
        opened = current;
        position = 0;
        continue;
      }
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    closeSync(fd);
  }
}
