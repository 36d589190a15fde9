import { MachineError } from "../../errors.ts";
import { openAuditLog, waitReadable } from "../../linux/audit.ts";
import { SystemCallError } from "../../linux/libc.ts";
import { KernelRing } from "../logs/kmsg.ts";
import { CONTROL, type LogChannel, type ReaderMessage, type ReaderOptions } from "./protocol.ts";

/** How much may wait in the kernel for us: a burst of some 100,000 records. */
const SOCKET_BYTES = 96 * 1024 * 1024;
/** Lines are handed over in parts of about this size. */
const PART_BYTES = 128 * 1024;
/** When that much waits to be looked at, the kernel's buffer has to hold what comes. */
const MOST_WAITING = 64 * 1024 * 1024;
const IDLE_MS = 20;

/** One channel, as lines. */
interface Lines {
  readonly fd: number;
  /** The next line with its end; undefined when there is none at the moment. */
  next(): Buffer | undefined;
  close(): void;
}

function openLines(channel: LogChannel): Lines {
  if (channel === "kernel-log") return new KernelRing("now");
  const log = openAuditLog(SOCKET_BYTES);
  return {
    fd: log.fd,
    next: () => {
      const record = log.next();
      return record === undefined ? undefined : Buffer.from(`${record}\n`, "latin1");
    },
    close: () => log.close(),
  };
}

function failure(channel: LogChannel, error: unknown): ReaderMessage {
  if (error instanceof MachineError)
    return { kind: "failed", reason: error.message.replace(`. ${error.remedy}`, ""), remedy: error.remedy };
  const code = error instanceof SystemCallError ? error.code : (error as Error).message;
  const what = channel === "audit" ? "audit's socket" : "the kernel's log";
  return {
    kind: "failed",
    reason: `${what} cannot be read (${code})`,
    remedy: "Run as root, outside of containers.",
  };
}

/** Reads a channel until it is told to stop. Blocks its thread. */
export function readLog({ channel, control }: ReaderOptions, post: (message: ReaderMessage) => void): void {
  let lines: Lines;
  try {
    lines = openLines(channel);
  } catch (error) {
    post(failure(channel, error));
    post({ kind: "end" });
    return;
  }
  post({ kind: "ready" });
  try {
    while (Atomics.load(control, CONTROL.stop) === 0) {
      if (Atomics.load(control, CONTROL.waiting) > MOST_WAITING) {
        Atomics.wait(control, CONTROL.stop, 0, 1);
        continue;
      }
      const part = readPart(lines);
      if (part === undefined) {
        waitReadable(lines.fd, IDLE_MS);
        continue;
      }
      Atomics.add(control, CONTROL.waiting, part.length);
      post({ kind: "lines", bytes: part });
    }
  } finally {
    lines.close();
  }
  post({ kind: "end" });
}

function readPart(lines: Lines): Uint8Array | undefined {
  const room = Buffer.allocUnsafe(PART_BYTES + 2 * 8192);
  let length = 0;
  while (length < PART_BYTES) {
    const line = lines.next();
    if (line === undefined) break;
    length += line.copy(room, length);
  }
  return length === 0 ? undefined : new Uint8Array(room.subarray(0, length));
}
