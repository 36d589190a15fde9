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
  readonly #poll: Uint32Array = new Uint32Array(2);
  readonly #pollBytes: Uint8Array = new Uint8Array(this.#poll.buffer);
  // Typed views cost a fraction of Buffer's methods, and this runs for every call of the target.
  readonly #notification: Uint32Array = new Uint32Array(NOTIFICATION_BYTES / 4);
  readonly #notificationBytes: Uint8Array = new Uint8Array(this.#notification.buffer);
  readonly #response: Uint32Array = new Uint32Array(RESPONSE_BYTES / 4);
  readonly #responseBytes: Uint8Array = new Uint8Array(this.#response.buffer);

  constructor(fd: number) {
    this.#fd = fd;
    this.#poll[0] = fd;
    this.#poll[1] = POLL_IN;
    // Linux 6.6 and later: wake the other side on this CPU; older kernels answer EINVAL and are only slower.
    this.#libc.ioctlValue(fd, REQUEST.setFlags, SYNC_WAKE_UP);
  }

  /** Waits for a call. */
  next(timeoutMs: number): ListenerEvent {
    const ready = this.#libc.poll(this.#pollBytes, 1, timeoutMs);
    if (ready <= 0) return "nothing";
    if (((word(this.#poll, 1) >>> 16) & POLL_IN) === 0) return "hangup";
    this.#notification.fill(0);
    if (this.#libc.ioctl(this.#fd, REQUEST.receive, this.#notificationBytes) < 0) {
      const error = new SystemCallError("ioctl(SECCOMP_IOCTL_NOTIF_RECV)", this.#libc.errno());
      if (GONE.has(error.code)) return "nothing";
      throw error;
    }
    return "call";
  }

  /** Thread id of the caller, as this process sees it; 0 when it cannot be seen from here. */
  get thread(): number {
    return word(this.#notification, 2);
  }

  /** Unsigned, as the tables have it. */
  get number(): number {
    return word(this.#notification, 4);
  }

  /** `seccomp_data.arch`. */
  get audit(): number {
    return word(this.#notification, 5);
  }

  argument(index: number): bigint {
    return this.#quad(8 + index * 2);
  }

  get instructionPointer(): bigint {
    return this.#quad(6);
  }

  #quad(at: number): bigint {
    return (BigInt(word(this.#notification, at + 1)) << 32n) | BigInt(word(this.#notification, at));
  }

  /** Whether the caller still waits, so that what was read about it in /proc is about it. */
  stillWaiting(): boolean {
    return this.#libc.ioctl(this.#fd, REQUEST.idValid, this.#notificationBytes) === 0;
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
    const response = this.#response;
    response[0] = word(this.#notification, 0);
    response[1] = word(this.#notification, 1);
    response[4] = -errno;
    response[5] = flags;
    const result = this.#libc.ioctl(this.#fd, REQUEST.send, this.#responseBytes);
    // The caller may have been killed meanwhile.
    if (result < 0 && !GONE.has(new SystemCallError("", this.#libc.errno()).code))
      checked("ioctl(SECCOMP_IOCTL_NOTIF_SEND)", result);
  }
}

/** One word of a struct as the kernel wrote it; words in pairs are low then high, as on every machine served. */
function word(words: Uint32Array, at: number): number {
  return words[at] ?? 0;
}
