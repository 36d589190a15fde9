import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { writeWhole } from "../files.ts";
import type { Module } from "./code/module.ts";
import { decodeSummary, encodeSummary, type CodeSummary } from "./code/summary.ts";

/** More files, or bytes in all, are not kept; the oldest go first. */
const MAX_FILES = 256;
const MAX_BYTES = 256 << 20;
const DIGEST = 32;
/** Smaller ones are read as quickly as their summary. */
const SMALLEST = 50_000;
/** A summary is written anew when it would know one function in so many more. */
const WORTH = 16;

/**
 * Summaries of functions in a folder of the user's, by the SHA-256 of the file that they are in, so that programs share
 * what is known of their libraries. Each file begins with the digest of what follows, and is written whole by rename: any
 * number of processes may use them at once, and a damaged one is none.
 */
export class Summaries {
  readonly #folder: string;
  readonly #build: string;

  /** @param build identifies this build of seccraft: another may see other things in the same code */
  constructor(folder: string, build: string) {
    this.#folder = folder;
    this.#build = build;
  }

  #file(sha256: string): string {
    const name = createHash("sha256").update(`${this.#build}\0${sha256}`).digest("hex");
    return path.join(this.#folder, `${name}.bin`);
  }

  /** @param low lowest address of the file when it is loaded */
  load(sha256: string, low: number): CodeSummary | undefined {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.#file(sha256));
    } catch {
      return undefined;
    }
    const body = bytes.subarray(DIGEST);
    const digest = createHash("sha256").update(body).digest();
    if (body.length % 4 !== 0 || !digest.equals(bytes.subarray(0, DIGEST))) return undefined;
    return decodeSummary(new Int32Array(Uint8Array.from(body).buffer), low);
  }

  /** Keeps what is known of modules now, where it is much more than before. A folder that cannot be written costs time only. */
  save(modules: Iterable<Module>): void {
    try {
      for (const module of modules) this.#save(module);
      this.#prune();
    } catch {
      // Full, read-only or not ours.
    }
  }

  #save(module: Module): void {
    // What a language's own tables tell is read faster than a summary of it.
    if (module.language !== undefined || module.elf.bytes.length < SMALLEST) return;
    if (module.newScans * WORTH <= module.ranges.length) return;
    const words = encodeSummary(module);
    if (words === undefined) return;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const body = new Uint8Array(words.buffer);
    const digest = createHash("sha256").update(body).digest();
    writeWhole(this.#file(module.sha256), Buffer.concat([digest, body]));
  }

  #prune(): void {
    const files = readdirSync(this.#folder)
      .filter(name => name.endsWith(".bin"))
      .map(name => {
        const file = path.join(this.#folder, name);
        const { size, mtimeMs } = statSync(file);
        return { file, size, time: mtimeMs };
      })
      .sort((a, b) => b.time - a.time);
    let bytes = 0;
    for (const [i, { file, size }] of files.entries()) {
      bytes += size;
      if (i >= MAX_FILES || bytes > MAX_BYTES) rmSync(file, { force: true });
    }
  }
}
