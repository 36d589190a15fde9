import { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";

/** How much of the target's output is kept. */
const KEPT_BYTES: number = 64 * 1024;

/** Reads the target's output as it comes, and keeps the end of it. */
export class Output {
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();
  #chunks: Uint8Array[] = [];
  #kept = 0;
  #stream: Socket | undefined;

  /** Takes over the reading end of a pipe, and closes it at its end. */
  read(fd: number): void {
    const stream = new Socket({ fd, readable: true, writable: false });
    stream.on("data", (bytes: Uint8Array) => this.add(bytes));
    // A read that fails ends the stream; what there is stays what there is.
    stream.on("error", () => undefined);
    // The guard keeps us alive as long as anything runs; a descendant's open pipe alone must not.
    stream.unref();
    this.#stream = stream;
  }

  /** Resolves when all that was written up to now has been read: after one whole turn of the event loop. */
  async drained(): Promise<void> {
    await setImmediate();
    await setImmediate();
  }

  close(): void {
    this.#stream?.destroy();
  }

  /** Takes what came by another way than `read`. */
  add(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#kept += bytes.length;
    while (this.#kept > KEPT_BYTES) {
      const first = this.#chunks.shift();
      if (first === undefined) break;
      const surplus = this.#kept - KEPT_BYTES;
      if (first.length > surplus) this.#chunks.unshift(first.subarray(surplus));
      this.#kept -= Math.min(first.length, surplus);
    }
    for (const listener of this.#listeners) listener(bytes);
  }

  tail(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }

  subscribe(listener: (bytes: Uint8Array) => void): () => void {
    if (this.#kept > 0) listener(Buffer.concat(this.#chunks));
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
