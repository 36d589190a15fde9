import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { writeWhole } from "../files.ts";

/** Of a SHA-256 in hexadecimal, and a line break. */
const HEAD = 65;

export interface KeptLimits {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Files of a cache in one folder of the user's. Each begins with the digest of what follows, so that a damaged one is none,
 * and is written whole by rename, so that any number of processes may use the folder at once. The oldest go first.
 */
export class KeptFiles {
  readonly #folder: string;
  readonly #suffix: string;
  readonly #limits: KeptLimits;

  constructor(folder: string, suffix: string, limits: KeptLimits) {
    this.#folder = folder;
    this.#suffix = suffix;
    this.#limits = limits;
  }

  /** What was kept for a question; undefined if there is nothing, or nothing sound. */
  read(question: string): Buffer | undefined {
    let content: Buffer;
    try {
      content = readFileSync(this.#file(question));
    } catch {
      return undefined;
    }
    const body = content.subarray(HEAD);
    return content.toString("latin1", 0, HEAD - 1) === digest(body) ? body : undefined;
  }

  /** Keeps something for a question. A folder that is full, read-only or not ours costs time, nothing else. */
  write(question: string, body: string | Uint8Array): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeWhole(this.#file(question), [`${digest(body)}\n`, body]);
    } catch {
      // As said above.
    }
  }

  #file(question: string): string {
    return path.join(this.#folder, `${digest(question)}${this.#suffix}`);
  }

  /** Removes what is beyond the limits; to be called once when all is written. */
  prune(): void {
    try {
      this.#removeOldest();
    } catch {
      // Never made, or not ours.
    }
  }

  #removeOldest(): void {
    const files = readdirSync(this.#folder)
      .filter(name => name.endsWith(this.#suffix))
      .map(name => {
        const file = path.join(this.#folder, name);
        const { size, mtimeMs } = statSync(file);
        return { file, size, time: mtimeMs };
      })
      .sort((a, b) => b.time - a.time);
    let bytes = 0;
    for (const [i, { file, size }] of files.entries()) {
      bytes += size;
      if (i >= this.#limits.files || bytes > this.#limits.bytes) rmSync(file, { force: true });
    }
  }
}

function digest(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
