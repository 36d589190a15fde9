import { readSync, writeSync } from "node:fs";
import { endianness } from "node:os";
import { libc, SystemCallError } from "./libc.ts";
import { HEADER_BYTES, openNetlink, setReceiveBuffer } from "./netlink.ts";

// linux/netlink.h
const NETLINK_AUDIT = 9;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const NLMSG_ERROR = 2;

// linux/audit.h
const AUDIT_NLGRP_READLOG = 1;
const AUDIT_GET = 1000;
const AUDIT_SET = 1001;
const STATUS_BYTES = 44;
/** Of `struct audit_status`: where a field is, and the bit of the mask that sets it. */
const FIELDS = {
  enabled: { at: 4, bit: 0x01 },
  failure: { at: 8, bit: 0x02 },
  daemon: { at: 12, bit: 0x04 },
  rateLimit: { at: 16, bit: 0x08 },
  backlogLimit: { at: 20, bit: 0x10 },
  lost: { at: 24, bit: 0x40 },
  backlogWait: { at: 36, bit: 0x20 },
} as const;

/** Longest record, MAX_AUDIT_MESSAGE_LENGTH, with its header. */
const MAX_MESSAGE = 8970 + HEADER_BYTES;
const REPLY_MS = 2000;
const POLLIN = 1;
const LITTLE = endianness() === "LE";

/** What `auditctl -s` shows: audit(8) explains it. */
export interface AuditStatus {
  /** 2: nobody may change anything before the next boot. */
  readonly enabled: number;
  /** What the kernel does when records are lost: 0 nothing, 1 tells its log, 2 panics. */
  readonly failure: number;
  /** Process id of auditd, 0 when none runs. */
  readonly daemon: number;
  /** Records a second, 0 for no limit. */
  readonly rateLimit: number;
  /** Records that may wait before whoever causes more is put to sleep, 0 for no limit. */
  readonly backlogLimit: number;
  /** How long at most that sleep is, in clock ticks; after it records are lost. */
  readonly backlogWait: number;
  /** Records lost since the boot. */
  readonly lost: number;
}

export type AuditSetting = "failure" | "rateLimit" | "backlogLimit" | "backlogWait";

/** Waits until there is something to read; false when there is nothing in time. */
export function waitReadable(fd: number, milliseconds: number): boolean {
  const request = new DataView(new ArrayBuffer(8));
  request.setInt32(0, fd, LITTLE);
  request.setInt16(4, POLLIN, LITTLE);
  return libc().poll(new Uint8Array(request.buffer), 1, milliseconds) > 0;
}

/** One request, and the first answer of a wanted type. @throws SystemCallError with the kernel's refusal. */
function ask(type: number, flags: number, body: Uint8Array, wanted: number): Buffer {
  const message = Buffer.alloc(HEADER_BYTES + body.length);
  const header = new DataView(message.buffer, message.byteOffset, HEADER_BYTES);
  header.setUint32(0, message.length, LITTLE);
  header.setUint16(4, type, LITTLE);
  header.setUint16(6, NLM_F_REQUEST | flags, LITTLE);
  header.setUint32(8, 1, LITTLE);
  message.set(body, HEADER_BYTES);
  const fd = openNetlink(NETLINK_AUDIT, 0);
  try {
    try {
      writeSync(fd, message);
    } catch (error) {
      throw new SystemCallError("send", -((error as NodeJS.ErrnoException).errno ?? 0), "NETLINK_AUDIT");
    }
    const answer = Buffer.alloc(MAX_MESSAGE);
    while (waitReadable(fd, REPLY_MS)) {
      const length = readSync(fd, answer);
      const view = new DataView(answer.buffer, answer.byteOffset, length);
      const kind = view.getUint16(4, LITTLE);
      const error = kind === NLMSG_ERROR ? -view.getInt32(HEADER_BYTES, LITTLE) : 0;
      if (error !== 0) throw new SystemCallError("audit", error);
      if (kind === wanted) return answer.subarray(HEADER_BYTES, length);
    }
    throw new SystemCallError("audit", 110, "no answer");
  } finally {
    libc().close(fd);
  }
}

/**
 * Audit's settings and counters; undefined where they may not be read: without CAP_AUDIT_CONTROL, in a container, or
 * with audit switched off at boot.
 */
export function auditStatus(): AuditStatus | undefined {
  let body: Buffer;
  try {
    body = ask(AUDIT_GET, 0, new Uint8Array(STATUS_BYTES), AUDIT_GET);
  } catch (error) {
    if (error instanceof SystemCallError) return undefined;
    throw error;
  }
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const field = (name: keyof typeof FIELDS): number =>
    FIELDS[name].at + 4 <= body.length ? view.getUint32(FIELDS[name].at, LITTLE) : 0;
  return {
    enabled: field("enabled"),
    failure: field("failure"),
    daemon: field("daemon"),
    rateLimit: field("rateLimit"),
    backlogLimit: field("backlogLimit"),
    backlogWait: field("backlogWait"),
    lost: field("lost"),
  };
}

/** Changes one of audit's settings. @throws SystemCallError: EPERM when we may not, or nobody may before the next boot. */
export function setAudit(setting: AuditSetting, value: number): void {
  const status = new DataView(new ArrayBuffer(STATUS_BYTES));
  status.setUint32(0, FIELDS[setting].bit, LITTLE);
  status.setUint32(FIELDS[setting].at, value, LITTLE);
  ask(AUDIT_SET, NLM_F_ACK, new Uint8Array(status.buffer), NLMSG_ERROR);
}

/** A copy of every record that audit makes from now on, whoever else gets them. */
export interface AuditLog {
  /** Becomes readable with the next record. */
  readonly fd: number;
  /**
   * The next record as the kernel's log would show it, `type=1326 audit(…): …`; undefined when there is none at the
   * moment. Records that were dropped because nobody had read them in time leave a hole in the serial numbers.
   */
  next(): string | undefined;
  close(): void;
}

/**
 * Joins the multicast group of audit's records, which needs CAP_AUDIT_READ and Linux 3.16.
 * @param bufferBytes how much may wait for us; less when CAP_NET_ADMIN lacks
 * @throws SystemCallError when we may not.
 */
export function openAuditLog(bufferBytes: number): AuditLog {
  const fd = openNetlink(NETLINK_AUDIT, AUDIT_NLGRP_READLOG);
  setReceiveBuffer(fd, bufferBytes);
  const room = Buffer.alloc(MAX_MESSAGE);
  const header = new DataView(room.buffer, room.byteOffset, HEADER_BYTES);
  return {
    fd,
    next: () => {
      const length = receive(fd, room);
      if (length === undefined) return undefined;
      // The header's length leaves out the header itself: kauditd_send_multicast_skb() in kernel/audit.c.
      const text = room.toString("latin1", HEADER_BYTES, length).replace(/[\0\n]+$/, "");
      return `type=${header.getUint16(4, LITTLE)} ${text}`;
    },
    close: () => void libc().close(fd),
  };
}

function receive(fd: number, room: Buffer): number | undefined {
  for (;;) {
    try {
      return readSync(fd, room, 0, room.length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN") return undefined;
      // Told once after something was dropped; what is left comes with the next read.
      if (code !== "ENOBUFS") throw error;
    }
  }
}
