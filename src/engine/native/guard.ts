import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Duplex } from "node:stream";
import { TargetError } from "../../errors.ts";
import { killCgroup } from "../../linux/cgroup.ts";
import { libc } from "../../linux/libc.ts";
import { killProcess, listProcesses } from "../../linux/processes.ts";
import { describeDescriptor, receiveDescriptor } from "../../linux/socket.ts";
import type { Exit, LaunchSpec, Running } from "../engine.ts";
import type { Output } from "../output.ts";
import { parseReport, type Report, startError } from "./report.ts";

/** The answer to `gone`; native/launch.c documents it. */
const DONE = 0;

/** Marks a command to the launcher as meant for every descendant. */
const EVERYONE = 128;

const LISTENER = "anon_inode:seccomp notify";

/** A promise with its two ends. A rejection that nobody waits for is no crash: the same error reaches `started`. */
class Deferred<T> {
  readonly promise: Promise<T>;
  resolve: (value: T) => void = () => undefined;
  reject: (error: Error) => void = () => undefined;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => undefined);
  }
}

/** Our end of a launcher and of the target that it guards. */
export class Guard implements Running {
  pid = 0;
  listener: number | undefined;
  readonly exited: Promise<Exit>;
  readonly gone: Promise<void>;
  /** Resolves when the target has been executed, or its listener is ours; rejects with the reason when neither will be. */
  readonly started: Promise<void>;

  readonly #control: Duplex;
  readonly #spec: LaunchSpec;
  readonly #output: Output;
  readonly #started = new Deferred<void>();
  readonly #exited = new Deferred<Exit>();
  readonly #gone = new Deferred<void>();
  /** Where the launcher sends the listener. */
  #listenerSocket: number | undefined;
  #unread = "";
  #ended = false;

  constructor(child: ChildProcess, spec: LaunchSpec, output: Output, listenerSocket: number | undefined) {
    this.#listenerSocket = listenerSocket;
    this.#control = child.stdio[3] as Duplex;
    this.#spec = spec;
    this.#output = output;
    this.started = this.#started.promise;
    this.exited = this.#exited.promise;
    this.gone = this.#gone.promise;
    child.on("error", error => this.#lost(error));
    // Not "exit": the last lines of its report may still be on their way then.
    child.on("close", (code, signal) => this.#guardExited(code, signal));
    this.#control.on("data", (bytes: Buffer) => this.#read(bytes.toString("latin1")));
    // EPIPE: the guard has ended, which its exit tells.
    this.#control.on("error", () => undefined);
    if (spec.filter !== undefined) this.#control.write(spec.filter.program);
  }

  signal(signal: NodeJS.Signals, to: "main" | "all" = "main"): void {
    this.#send(constants.signals[signal] + (to === "all" ? EVERYONE : 0));
  }

  killAll(): Promise<void> {
    this.#send(EVERYONE + constants.signals.SIGKILL);
    return this.gone;
  }

  outputTail(): string {
    return this.#output.tail();
  }

  onOutput(listener: (bytes: Uint8Array) => void): () => void {
    return this.#output.subscribe(listener);
  }

  #send(command: number): void {
    if (!this.#ended && this.#control.writable) this.#control.write(Uint8Array.of(command));
  }

  #read(text: string): void {
    const lines = (this.#unread + text).split("\n");
    this.#unread = lines.pop() ?? "";
    for (const line of lines) this.#take(parseReport(line));
  }

  #take(report: Report): void {
    switch (report.kind) {
      case "pid":
        this.pid = report.pid;
        break;
      case "running":
        this.#started.resolve();
        break;
      case "listener":
        this.#receiveListener();
        break;
      case "failed":
      case "killed":
        this.#fail(startError(report, this.#spec.argv[0] ?? "", this.#spec.filter !== undefined));
        void this.killAll();
        break;
      case "ended":
        // Without a listener `running` came first.
        this.#started.resolve();
        void this.#output.drained().then(() => this.#exited.resolve(report.exit));
        break;
      case "gone":
        this.#send(DONE);
        this.#ended = true;
        break;
    }
  }

  #receiveListener(): void {
    const listener = receiveDescriptor(this.#listenerSocket ?? -1);
    this.#closeListenerSocket();
    const what = describeDescriptor(listener);
    if (what !== LISTENER) {
      libc().close(listener);
      throw new Error(`the launcher sent ${what} for a listener`);
    }
    this.listener = listener;
    this.#started.resolve();
  }

  #closeListenerSocket(): void {
    if (this.#listenerSocket !== undefined) libc().close(this.#listenerSocket);
    this.#listenerSocket = undefined;
  }

  #fail(error: Error): void {
    this.#started.reject(error);
    this.#exited.reject(error);
  }

  #lost(error: Error): void {
    this.#ended = true;
    this.#closeListenerSocket();
    this.#output.close();
    this.#fail(error);
    this.#gone.resolve();
  }

  #guardExited(code: number | null, signal: NodeJS.Signals | null): void {
    if (!this.#ended) return this.#guardKilled(signal ?? `exit code ${code}`);
    this.#closeListenerSocket();
    void this.#output.drained().then(() => {
      this.#output.close();
      this.#gone.resolve();
    });
  }

  /** Its main process has died with the guard; what else there is we find as well as we can. */
  #guardKilled(how: string): void {
    if (this.#spec.cgroup !== undefined) killCgroup(this.#spec.cgroup);
    if (this.#spec.ownSession && this.pid > 0) {
      for (const { pid, session } of listProcesses()) if (session === this.pid) killProcess(pid, "SIGKILL");
    }
    this.#lost(
      new TargetError(`the guard of the target ended (${how}); the target was killed`, this.outputTail()),
    );
  }
}
