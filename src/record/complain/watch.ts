import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { launcherFile } from "../../engine/native/launcher.ts";
import { nativeEngine } from "../../engine/native/native.ts";
import { MachineError } from "../../errors.ts";
import { auditStatus } from "../../linux/audit.ts";
import { enterAuditSession } from "../../linux/loginuid.ts";
import { printkIntervalMs } from "../../linux/throttles.ts";
import { logOnly } from "./log-only.ts";
import { CONTROL, type LogChannel, type ReaderMessage, type ReaderOptions } from "./protocol.ts";

/** How long nothing may come until a record counts as missing. A full backlog takes seconds, during which others come. */
const MARK_MS = 4000;
/** However much else is logged without an end. */
const MOST_MS = 120_000;
const LOOK_MS = 5;

/** Where the lines of an audit session's seccomp records begin. Other records name sessions too: that of a login, for one. */
export function recordsOf(session: number, lines: Buffer): number[] {
  const found: number[] = [];
  const text = ` ses=${session} `;
  for (let at = lines.indexOf(text); at >= 0; at = lines.indexOf(text, at + 1)) {
    const start = lines.lastIndexOf(10, at) + 1;
    if (lines.subarray(start, at).includes("type=1326 ")) found.push(start);
  }
  return found;
}

/** A log that is read from now on, by a thread of its own. */
export class LogWatch {
  readonly channel: LogChannel;
  readonly #worker: Worker;
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #onLines: (lines: Buffer) => void;
  readonly #ended: Promise<void>;
  /** `ses=` of a process that makes one logged call: when it comes, all that was logged before has come. */
  #mark: number | undefined;
  #marked = false;
  #open = false;
  /** When a record came last. */
  #progress = 0;
  #failure: Error | undefined;

  private constructor(channel: LogChannel, onLines: (lines: Buffer) => void) {
    this.channel = channel;
    this.#onLines = onLines;
    this.#control = new Int32Array(new SharedArrayBuffer(CONTROL.words * 4));
    // A thread of ours must not load what a user preloads for the main program.
    this.#worker = new Worker(new URL("./complain-worker.js", import.meta.url), { execArgv: [] });
    this.#ended = new Promise((resolve, reject) => {
      this.#worker.on("message", (message: ReaderMessage) => {
        if (message.kind === "lines") this.#take(message.bytes);
        if (message.kind === "end") resolve();
      });
      this.#worker.once("error", error => reject(error));
    });
    this.#ended.catch((error: unknown) => (this.#failure = error as Error));
  }

  /**
   * Resolves when everything that is logged from now on will be read, and a record has come to prove it, unless the
   * limit of the kernel's log is exceeded already.
   * @throws MachineError when the channel cannot be read here, or nothing comes by it
   */
  static async open(channel: LogChannel, onLines: (lines: Buffer) => void): Promise<LogWatch> {
    const daemon = channel === "kernel-log" ? (auditStatus()?.daemon ?? 0) : 0;
    if (daemon !== 0) {
      throw new MachineError(
        `auditd takes the records (process ${daemon}), so that none reaches the kernel's log`,
        "Use --source audit, or import auditd's own log.",
      );
    }
    const watch = new LogWatch(channel, onLines);
    try {
      await watch.#begin();
      const proven = await watch.settle();
      // Where others use up what the limit lets pass, that is no reason not to try: what gets lost will be said.
      if (!proven && (channel === "audit" || printkIntervalMs() === 0)) throw silent(channel);
      watch.#open = true;
      return watch;
    } catch (error) {
      await watch.stop();
      throw error;
    }
  }

  /** The same without a proof, and with whatever comes. @throws MachineError when the channel cannot be read here */
  static async start(channel: LogChannel, onLines: (lines: Buffer) => void): Promise<LogWatch> {
    const watch = new LogWatch(channel, onLines);
    watch.#open = true;
    try {
      await watch.#begin();
      return watch;
    } catch (error) {
      await watch.stop();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const started = new Promise<void>((resolve, reject) => {
      this.#worker.on("message", (message: ReaderMessage) => {
        if (message.kind === "ready") resolve();
        if (message.kind === "failed") reject(new MachineError(message.reason, message.remedy));
      });
      this.#worker.once("error", reject);
    });
    this.#worker.postMessage({ channel: this.channel, control: this.#control } satisfies ReaderOptions);
    await started;
  }

  #take(bytes: Uint8Array): void {
    Atomics.sub(this.#control, CONTROL.waiting, bytes.length);
    const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    // The kernel's log has much else in it.
    if (lines.includes("type=1326 ")) this.#progress = performance.now();
    const [marked] = this.#mark === undefined ? [] : recordsOf(this.#mark, lines);
    if (marked !== undefined) this.#marked = true;
    // What comes before the first mark is of no concern: losses of an earlier time, for one.
    if (this.#open) this.#onLines(lines);
    else if (marked !== undefined) this.#onLines(lines.subarray(marked));
    this.#open ||= marked !== undefined;
  }

  /**
   * Waits until whatever was logged before has been read, by logging something and waiting for that. Leaves us in an
   * audit session that is no target's.
   * @returns false when even that does not come: the log is throttled, or somebody else takes its records.
   */
  async settle(): Promise<boolean> {
    this.#mark = enterAuditSession();
    this.#marked = false;
    const interval = this.channel === "kernel-log" ? printkIntervalMs() : 0;
    // When the limit of the kernel's log is exceeded, nothing comes until its time is over.
    if (interval === 0) {
      await logMark();
      return await this.#comes(MARK_MS, MOST_MS);
    }
    for (const patience of [interval / 10, interval, interval]) {
      await logMark();
      if (await this.#comes(patience + 100, patience + 100)) return true;
    }
    return false;
  }

  /** Whether the mark comes: false when no record came for so long, or it is not among those that came in all that time. */
  async #comes(patience: number, most: number): Promise<boolean> {
    this.#progress = performance.now();
    const latest = this.#progress + most;
    while (!this.#marked) {
      if (this.#failure !== undefined) throw this.#failure;
      if (performance.now() > Math.min(this.#progress + patience, latest)) return false;
      await sleep(LOOK_MS);
    }
    return true;
  }

  async stop(): Promise<void> {
    Atomics.store(this.#control, CONTROL.stop, 1);
    Atomics.notify(this.#control, CONTROL.stop);
    await this.#ended.catch(() => undefined);
    await this.#worker.terminate();
  }
}

/** One logged call: a program under a filter, which ends at once. */
async function logMark(): Promise<void> {
  const running = await nativeEngine().start({
    argv: [launcherFile()],
    stdin: "null",
    output: "capture",
    noNewPrivileges: false,
    ownSession: true,
    filter: { program: logOnly("execve"), flags: 0, listener: false },
  });
  await running.gone;
  await running.killAll();
}

function silent(channel: LogChannel): MachineError {
  return channel === "audit"
    ? new MachineError(
        "audit sends no record of a logged call",
        "See `seccraft complain status`: kernel.seccomp.actions_logged must contain log, audit's limits must leave room.",
      )
    : new MachineError(
        "no record of a logged call reaches the kernel's log",
        "See `seccraft complain status`, or use --source audit.",
      );
}
