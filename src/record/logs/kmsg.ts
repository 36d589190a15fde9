import { closeSync, constants, openSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError, MachineError } from "../../errors.ts";

/** Where the kernel's ring buffer is read, one record a read (Documentation/ABI/testing/dev-kmsg). */
export const KMSG = "/dev/kmsg";
const POLL_MS = 100;
/** CONSOLE_EXT_LOG_MAX of the kernel. */
const MAX_RECORD = 8192;

function openRing(): number {
  try {
    return openSync(KMSG, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "EACCES" || code === "EPERM") {
      throw new MachineError("the kernel's log may only be read by root", "Run this as root.", {
        cause: error,
      });
    }
    throw new InputError(`cannot be read (${code})`, { file: KMSG }, { cause: error });
  }
}

/** One record; undefined when there is none at the moment, `overrun` when some were overwritten. */
function readRecord(fd: number, into: Buffer): Buffer | "overrun" | undefined {
  try {
    return into.subarray(0, readSync(fd, into, 0, into.length, null));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EAGAIN") return undefined;
    if (code === "EPIPE") return "overrun";
    throw error;
  }
}

/**
 * The kernel's ring buffer from its oldest record on, as lines. Records that were overwritten before they were read
 * are announced in the words that the kernel uses on its console, so that the reader of the lines counts them.
 * @param signal when given, waits for more until it aborts; otherwise ends with the newest record
 * @throws MachineError when only root may read it
 */
export async function* kernelRing(signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const fd = openRing();
  try {
    const room = Buffer.alloc(MAX_RECORD);
    let expected: number | undefined;
    for (;;) {
      const record = readRecord(fd, room);
      if (record === "overrun") continue;
      if (record === undefined) {
        if (signal === undefined || signal.aborted) return;
        await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
        continue;
      }
      const sequence = Number(/^\d+,(\d+),/.exec(record.toString("latin1", 0, 64))?.[1] ?? Number.NaN);
      if (expected !== undefined && sequence > expected) {
        yield Buffer.from(`** ${sequence - expected} printk messages dropped **\n`);
      }
      expected = sequence + 1;
      yield Buffer.from(record);
    }
  } finally {
    closeSync(fd);
  }
}
