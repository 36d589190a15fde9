import { checked, libc, SystemCallError } from "./libc.ts";

/** ioctl requests on a listener, include/uapi/linux/seccomp.h; sizes of the structs are part of them. */
const REQUEST = { receive: 0xc0502100, send: 0xc0182101, idValid: 0x40082102, setFlags: 0x40082104 } as const;
const FLAG_CONTINUE = 1;
const SYNC_WAKE_UP = 1;
const POLL_IN = 1;
const NOTIFICATION_BYTES = 80;
const RESPONSE_BYTES = 24;
const GONE = new Set(["ENOENT", "EINTR", "EAGAIN"]);

/** What happened on a listener: a call waits, nothing yet, or no task is left that could call. */
export type ListenerEvent = "call" | "nothing" | "hangup";

/**
 * The supervisor's end of seccomp user notification. One call at a time: `next`, read the fields, then answer.
 * The fields are those of the call that came last; nothing is allocated for a call.
 */
export class Listener {
  readonly #fd: number;
  readonly #libc = libc();
  readonly #poll: Buffer = Buffer.alloc(8);
  readonly #notification: Buffer = Buffer.alloc(NOTIFICATION_BYTES);
  readonly #response: Buffer = Buffer.alloc(RESPONSE_BYTES);
  readonly #idOnly: Buffer = Buffer.alloc(8);

  constructor(fd: number) {
    this.#fd = fd;
    this.#poll.writeInt32LE(fd, 0);
    this.#poll.writeInt16LE(POLL_IN, 4);
    // Linux 6.6 and later: wake the other side on this CPU; older kernels answer EINVAL and are only slower.
    this.#libc.ioctlValue(fd, REQUEST.setFlags, SYNC_WAKE_UP);
  }

  /** Waits for a call. */
  next(timeoutMs: number): ListenerEvent {
    const ready = this.#libc.poll(this.#poll, 1, timeoutMs);
    if (ready <= 0) return "nothing";
    if ((this.#poll.readInt16LE(6) & POLL_IN) === 0) return "hangup";
    this.#notification.fill(0);
    if (this.#libc.ioctl(this.#fd, REQUEST.receive, this.#notification) < 0) {
      const error = new SystemCallError("ioctl(SECCOMP_IOCTL_NOTIF_RECV)", this.#libc.errno());
      if (GONE.has(error.code)) return "nothing";
      throw error;
    }
    return "call";
  }

  /** Thread id of the caller, as this process sees it; 0 when it cannot be seen from here. */
  get thread(): number {
    return this.#notification.readUInt32LE(8);
  }

  get number(): number {
    return this.#notification.readInt32LE(16);
  }

  /** `seccomp_data.arch`. */
  get audit(): number {
    return this.#notification.readUInt32LE(20);
  }

  argument(index: number): bigint {
    return this.#notification.readBigUInt64LE(32 + index * 8);
  }

  get instructionPointer(): bigint {
    return this.#notification.readBigUInt64LE(24);
  }

  /** Whether the caller still waits, so that what was read about it in /proc is about it. */
  stillWaiting(): boolean {
    this.#notification.copy(this.#idOnly, 0, 0, 8);
    return this.#libc.ioctl(this.#fd, REQUEST.idValid, this.#idOnly) === 0;
  }

  /** Lets the kernel carry the call out. */
  continue(): void {
    this.#answer(0, FLAG_CONTINUE);
  }

  /** Makes the call fail; errno 0 makes it succeed with 0 without doing anything, as a filter's ERRNO(0) does. */
  fail(errno: number): void {
    this.#answer(errno, 0);
  }

  #answer(errno: number, flags: number): void {
    this.#notification.copy(this.#response, 0, 0, 8);
    this.#response.writeInt32LE(-errno, 16);
    this.#response.writeUInt32LE(flags, 20);
    const result = this.#libc.ioctl(this.#fd, REQUEST.send, this.#response);
    // The caller may have been killed meanwhile.
    if (result < 0 && !GONE.has(new SystemCallError("", this.#libc.errno()).code))
      checked("ioctl(SECCOMP_IOCTL_NOTIF_SEND)", result);
  }
}
