import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Duplex } from "node:stream";
import { TargetError } from "../../errors.ts";
import { killCgroup } from "../../linux/cgroup.ts";
import { libc, SystemCallError } from "../../linux/libc.ts";
import { describeDescriptor, takeDescriptor } from "../../linux/pidfd.ts";
import { killProcess, listProcesses } from "../../linux/processes.ts";
import type { Exit, LaunchSpec, Running } from "../engine.ts";
import type { Output } from "./output.ts";
import { parseReport, type Report, startError } from "./report.ts";

/** Marks a command to the launcher as meant for every descendant; native/launch.c documents it. */
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

  readonly #child: ChildProcess;
  readonly #control: Duplex;
  readonly #spec: LaunchSpec;
  readonly #output: Output;
  readonly #started = new Deferred<void>();
  readonly #exited = new Deferred<Exit>();
  readonly #gone = new Deferred<void>();
  #unread = "";
  #ended = false;

  constructor(child: ChildProcess, spec: LaunchSpec, output: Output) {
    this.#child = child;
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
        this.#fetchListener(report.fd);
        break;
      case "failed":
      case "killed":
        this.#fail(startError(report, this.#spec.argv[0] ?? "", this.#spec.filter !== undefined));
        break;
      case "ended":
        // Without a listener `running` came first.
        this.#started.resolve();
        void this.#output.drained().then(() => this.#exited.resolve(report.exit));
        break;
      case "gone":
        this.#ended = true;
        break;
    }
  }

  /** The guard shares the descriptors of the target up to its exec, and keeps the listener open to the end. */
  #fetchListener(fd: number): void {
    try {
      const listener = takeDescriptor(this.#child.pid ?? 0, fd);
      const what = describeDescriptor(listener);
      if (what !== LISTENER) {
        libc().close(listener);
        throw new TargetError(`expected a seccomp listener and got ${what}`);
      }
      this.listener = listener;
      this.#started.resolve();
    } catch (error) {
      // The guard is gone, so the target is: a call that waits for us would have kept it. `ended` comes next.
      if (error instanceof SystemCallError && error.code === "ESRCH") return;
      this.#fail(error as Error);
      void this.killAll();
    }
  }

  #fail(error: Error): void {
    this.#started.reject(error);
    this.#exited.reject(error);
  }

  #lost(error: Error): void {
    this.#ended = true;
    this.#output.close();
    this.#fail(error);
    this.#gone.resolve();
  }

  #guardExited(code: number | null, signal: NodeJS.Signals | null): void {
    if (!this.#ended) return this.#guardKilled(signal ?? `exit code ${code}`);
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
