import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TargetError } from "../../errors.ts";
import { ignoresSignal } from "../container.ts";
import { describeExit, type Exit, type Running } from "../engine.ts";
import { untilHealthy, type Health } from "../health.ts";
import { nativeEngine } from "../native/native.ts";
import type { WaitOptions } from "../wait.ts";

const POLL_MS = 2;
/** A runtime that waits for what its filter denies would wait for ever. */
const START_MS = 15_000;

export interface Parts {
  readonly name: string;
  readonly states: string;
  readonly stopSignal: NodeJS.Signals;
  readonly address: string;
  /** Command of the health check. */
  readonly health: readonly string[] | undefined;
  readonly clean: () => Promise<void>;
}

/** A container whose `runc run` is guarded by the launcher: when we die, it is killed, and its mounts go with it. */
export class RuncContainer implements Running {
  pid = 0;
  readonly listener = undefined;
  readonly address: string;
  readonly container: string;
  readonly exited: Promise<Exit>;
  readonly gone: Promise<void>;
  readonly #runc: Running;
  readonly #parts: Parts;
  readonly healthy?: (options: WaitOptions) => Promise<void>;
  #ended = false;
  #cleaned = false;

  constructor(runc: Running, parts: Parts) {
    this.#runc = runc;
    this.#parts = parts;
    this.address = parts.address;
    this.container = parts.name;
    this.exited = runc.exited;
    this.gone = runc.gone;
    const { health } = parts;
    if (health !== undefined)
      this.healthy = async options => await untilHealthy(options, async () => await this.#check(health));
    const end = (): void => void (this.#ended = true);
    this.exited.then(end, end);
  }

  /** Waits until the container has been started, which runc tells by writing its main process's id. */
  async started(pidFile: string): Promise<void> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      const text = existsSync(pidFile) ? readFileSync(pidFile, "utf8") : "";
      if (text !== "") {
        this.pid = Number(text);
        return;
      }
      if (this.#ended) throw this.#notStarted(await this.exited);
      if (performance.now() > deadline)
        throw new TargetError("the container runtime does not get on", this.outputTail());
      await sleep(POLL_MS);
    }
  }

  /** As Docker does it: another process in the container, with everything that its own has. */
  async #check(command: readonly string[]): Promise<Health> {
    const { states, name } = this.#parts;
    const check = await nativeEngine().start({
      // The root of the container is mounted where runc itself runs, and there alone.
      argv: [
        "nsenter",
        `--mount=/proc/${this.#runc.pid}/ns/mnt`,
        "runc",
        "--root",
        states,
        "exec",
        name,
        ...command,
      ],
      stdin: "null",
      output: "capture",
      noNewPrivileges: false,
      ownSession: true,
    });
    try {
      const { code } = await check.exited;
      return { healthy: code === 0, output: check.outputTail() };
    } finally {
      await check.killAll();
    }
  }

  #notStarted(exit: Exit): TargetError {
    const lines = this.outputTail().trim().split("\n");
    const last = lines.pop() ?? "";
    const message = /msg="(?<text>(?:[^"\\]|\\.)*)"/.exec(last)?.groups?.["text"] ?? last;
    return new TargetError(
      `the container does not start (${describeExit(exit)}): ${message.replaceAll(/\\(.)/g, "$1")}`,
      lines.join("\n"),
    );
  }

  /** runc passes signals on; as with Docker, SIGTERM is the image's own, and what would be lost is SIGKILL. */
  signal(signal: NodeJS.Signals): void {
    const asked = signal === "SIGTERM" ? this.#parts.stopSignal : signal;
    if (ignoresSignal(this.pid, asked)) this.#kill();
    else this.#runc.signal(asked);
  }

  #kill(): void {
    const { states, name } = this.#parts;
    spawnSync("runc", ["--root", states, "kill", name, "KILL"], { timeout: 10_000 });
  }

  async killAll(): Promise<void> {
    // In this order: without runc nobody would clean up after the container.
    if (!this.#ended) {
      this.#kill();
      await Promise.race([this.exited.catch(() => undefined), sleep(2000)]);
    }
    await this.#runc.killAll();
    if (this.#cleaned) return;
    this.#cleaned = true;
    await this.#parts.clean();
  }

  outputTail(): string {
    return this.#runc.outputTail();
  }

  onOutput(listener: (bytes: Uint8Array) => void): () => void {
    return this.#runc.onOutput(listener);
  }
}

/** Removes a container and its cgroups; true when runc still knew it. */
export function removeRuncContainer(states: string, name: string): boolean {
  if (!existsSync(path.join(states, name))) return false;
  spawnSync("runc", ["--root", states, "delete", "--force", name], { timeout: 30_000 });
  return true;
}
