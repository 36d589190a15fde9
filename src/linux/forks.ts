import { readSync, writeSync } from "node:fs";
import { endianness } from "node:os";
import process from "node:process";
import { MachineError } from "../errors.ts";
import { waitReadable } from "./audit.ts";
import { libc, SystemCallError } from "./libc.ts";
import { HEADER_BYTES, openNetlink, setReceiveBuffer } from "./netlink.ts";

// linux/netlink.h, linux/connector.h, linux/cn_proc.h
const NETLINK_CONNECTOR = 11;
const NLMSG_DONE = 3;
const CN_IDX_PROC = 1;
const CN_VAL_PROC = 1;
const CN_HEADER = 20;
const PROC_CN_MCAST_LISTEN = 1;
const PROC_EVENT_NONE = 0;
const PROC_EVENT_FORK = 1;
/** Of `struct proc_event`: what happened, and its details. */
const EVENT = HEADER_BYTES + CN_HEADER;
const DETAILS = EVENT + 16;
const MAX_MESSAGE = 4096;
const BUFFER_BYTES = 16 * 1024 * 1024;
const REPLY_MS = 2000;
const LITTLE = endianness() === "LE";

/** A process has been started: ids of the process and of its parent, as the first pid namespace has them. */
export interface Fork {
  readonly parent: number;
  readonly child: number;
}

/** Every start of a process on this machine, in its order. */
export interface ForkEvents {
  /** The next one; `lost` when some were dropped because nobody had read them in time, undefined when there is none. */
  next(): Fork | "lost" | undefined;
  close(): void;
}

/**
 * Subscribes to the kernel's process connector. An event is there before the new process makes its first call.
 * @throws MachineError without CAP_NET_ADMIN, in a pid namespace, or where the kernel has no CONFIG_PROC_EVENTS
 */
export function openForkEvents(): ForkEvents {
  let fd: number;
  try {
    fd = openNetlink(NETLINK_CONNECTOR, CN_IDX_PROC);
  } catch (error) {
    throw unavailable(error);
  }
  setReceiveBuffer(fd, BUFFER_BYTES);
  const room = Buffer.alloc(MAX_MESSAGE);
  const view = new DataView(room.buffer, room.byteOffset, room.length);
  try {
    writeSync(fd, subscription());
    // The answer to it says whether we may.
    while (waitReadable(fd, REPLY_MS)) {
      readSync(fd, room);
      if (view.getUint32(EVENT, LITTLE) !== PROC_EVENT_NONE) continue;
      const error = view.getUint32(DETAILS, LITTLE);
      if (error !== 0) throw new SystemCallError("connector", error);
      return { next: () => nextFork(fd, room, view), close: () => void libc().close(fd) };
    }
    throw new Error("no answer");
  } catch (error) {
    libc().close(fd);
    throw unavailable(error);
  }
}

function unavailable(cause: unknown): MachineError {
  const reason = cause instanceof SystemCallError ? cause.code : (cause as Error).message;
  return new MachineError(
    `the kernel does not tell which processes start (${reason})`,
    "It needs root outside of containers and CONFIG_PROC_EVENTS; or use --engine runc.",
    { cause },
  );
}

function subscription(): Buffer {
  const message = Buffer.alloc(HEADER_BYTES + CN_HEADER + 4);
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  view.setUint32(0, message.length, LITTLE);
  view.setUint16(4, NLMSG_DONE, LITTLE);
  view.setUint32(12, process.pid, LITTLE);
  view.setUint32(HEADER_BYTES, CN_IDX_PROC, LITTLE);
  view.setUint32(HEADER_BYTES + 4, CN_VAL_PROC, LITTLE);
  view.setUint16(HEADER_BYTES + 16, 4, LITTLE);
  view.setUint32(HEADER_BYTES + CN_HEADER, PROC_CN_MCAST_LISTEN, LITTLE);
  return message;
}

function nextFork(fd: number, room: Buffer, view: DataView): Fork | "lost" | undefined {
  for (;;) {
    try {
      readSync(fd, room, 0, room.length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN") return undefined;
      if (code === "ENOBUFS") return "lost";
      throw error;
    }
    if (view.getUint32(EVENT, LITTLE) !== PROC_EVENT_FORK) continue;
    const [parent, thread, child] = [4, 8, 12].map(at => view.getUint32(DETAILS + at, LITTLE));
    // A thread of a process is no new process.
    if (parent !== undefined && child !== undefined && thread === child) return { parent, child };
  }
}
