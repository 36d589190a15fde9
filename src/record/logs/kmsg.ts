import { closeSync, constants, openSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError, MachineError } from "../../errors.ts";
import { libc } from "../../linux/libc.ts";
import { systemCallNumber } from "../../linux/numbers.ts";

/** Where the kernel's ring buffer is read, one record a read (Documentation/ABI/testing/dev-kmsg). */
export const KMSG = "/dev/kmsg";
const POLL_MS = 100;
/** CONSOLE_EXT_LOG_MAX of the kernel. */
const MAX_RECORD = 8192;
const SEEK_END = 2;

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

/** The kernel's ring buffer, read record by record; each is one line, perhaps with more lines that begin with a blank. */
export class KernelRing {
  /** Becomes readable with the next record. */
  readonly fd: number;
  readonly #room: Buffer = Buffer.alloc(MAX_RECORD);
  #expected: number | undefined;
  #held: Buffer | undefined;

  /**
   * @param from the oldest record that is there, or only what comes from now on
   * @throws MachineError when only root may read it
   */
  constructor(from: "oldest" | "now") {
    this.fd = openRing();
    if (from === "now") libc().syscall(systemCallNumber("lseek"), this.fd, 0, SEEK_END, 0, 0);
  }

  /**
   * The next record, good until the next call; undefined when there is none at the moment. Records that were
   * overwritten before they were read are announced in the words that the kernel uses on its console, so that the
   * reader of the lines counts them.
   */
  next(): Buffer | undefined {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) return held;
    const record = this.#read();
    if (record === undefined) return undefined;
    const sequence = Number(/^\d+,(\d+),/.exec(record.toString("latin1", 0, 64))?.[1] ?? Number.NaN);
    const missing = this.#expected === undefined ? 0 : sequence - this.#expected;
    this.#expected = sequence + 1;
    if (!(missing > 0)) return record;
    this.#held = record;
    return Buffer.from(`** ${missing} printk messages dropped **\n`);
  }

  #read(): Buffer | undefined {
    for (;;) {
      try {
        return this.#room.subarray(0, readSync(this.fd, this.#room, 0, MAX_RECORD, null));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EAGAIN") return undefined;
        // Overwritten: the next read begins with the oldest that is left.
        if (code !== "EPIPE") throw error;
      }
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}

/**
 * The kernel's ring buffer from its oldest record on, as lines.
 * @param signal when given, waits for more until it aborts; otherwise ends with the newest record
 * @throws MachineError when only root may read it
 */
export async function* kernelRing(signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const ring = new KernelRing("oldest");
  try {
    for (;;) {
      const record = ring.next();
      if (record !== undefined) {
        yield Buffer.from(record);
        continue;
      }
      if (signal === undefined || signal.aborted) return;
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    ring.close();
  }
}
