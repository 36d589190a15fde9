import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import type { Exit, Running } from "../engine.ts";
import { ignoresSignal } from "../container.ts";
import { untilHealthy, type Health } from "../health.ts";
import type { WaitOptions } from "../wait.ts";
import type { Output } from "../output.ts";

interface Parts {
  readonly container: Docker.Container;
  readonly stream: NodeJS.ReadWriteStream;
  readonly output: Output;
  readonly remove: () => Promise<void>;
  readonly stopSignal: string;
  readonly pid: number;
  readonly id: string;
  readonly address: string;
  readonly hasHealthCheck: boolean;
}

/** A started container; the engine ends what is left in it when its main process ends. */
export class DockerContainer implements Running {
  readonly pid: number;
  readonly address: string;
  readonly container: string;
  readonly listener = undefined;
  readonly exited: Promise<Exit>;
  readonly gone: Promise<void>;
  readonly #parts: Parts;
  readonly healthy?: (options: WaitOptions) => Promise<void>;
  #removed: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.pid = parts.pid;
    this.address = parts.address;
    this.container = parts.id;
    if (parts.hasHealthCheck)
      this.healthy = async options => await untilHealthy(options, async () => await this.#health());
    this.exited = this.#wait();
    this.gone = this.exited.then(() => undefined);
    // Whoever does not wait must not crash when the engine goes away; whoever waits gets the error.
    this.gone.catch(() => undefined);
  }

  async #wait(): Promise<Exit> {
    const ended = new Promise<void>(resolve => {
      this.#parts.stream.once("end", resolve);
      this.#parts.stream.once("close", resolve);
    });
    const { StatusCode } = (await this.#parts.container.wait()) as { StatusCode: number };
    // What it printed last arrives on another connection.
    const enough = new AbortController();
    await Promise.race([ended, sleep(500, undefined, { signal: enough.signal }).catch(() => undefined)]);
    enough.abort();
    return { code: StatusCode, signal: null };
  }

  async #health(): Promise<Health | undefined> {
    const { Health: health } = (await this.#parts.container.inspect()).State;
    const last = health?.Log?.at(-1);
    return last === undefined ? undefined : { healthy: health?.Status === "healthy", output: last.Output };
  }

  /**
   * SIGTERM stands for the signal that the image says it is stopped by; one that would be lost is SIGKILL at once, which
   * `docker stop` sends after its time is up.
   */
  signal(signal: NodeJS.Signals, _to: "main" | "all" = "main"): void {
    const asked = signal === "SIGTERM" ? this.#parts.stopSignal : signal;
    const name = ignoresSignal(this.pid, asked) ? "SIGKILL" : asked;
    // It may have ended.
    this.#parts.container.kill({ signal: name }).catch(() => undefined);
  }

  async killAll(): Promise<void> {
    this.#removed ??= this.#parts.remove();
    await this.#removed;
    await this.gone.catch(() => undefined);
  }

  outputTail(): string {
    return this.#parts.output.tail();
  }

  onOutput(listener: (bytes: Uint8Array) => void): () => void {
    return this.#parts.output.subscribe(listener);
  }
}
