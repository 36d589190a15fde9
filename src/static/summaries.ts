import type { Module } from "./code/module.ts";
import { decodeSummary, encodeSummary, type CodeSummary } from "./code/summary.ts";
import { KeptFiles } from "./kept-files.ts";

const LIMITS = { files: 256, bytes: 256 << 20 };
/** Smaller ones are read as quickly as their summary. */
const SMALLEST = 50_000;
/** A summary is written anew when it would know one function in so many more. */
const WORTH = 16;

/**
 * Summaries of functions in a folder of the user's, by the SHA-256 of the file that they are in, so that programs share
 * what is known of their libraries.
 */
export class Summaries {
  readonly #files: KeptFiles;
  readonly #build: string;

  /** @param build identifies this build of seccraft: another may see other things in the same code */
  constructor(folder: string, build: string) {
    this.#files = new KeptFiles(folder, ".bin", LIMITS);
    this.#build = build;
  }

  #question(sha256: string): string {
    return `${this.#build}\0${sha256}`;
  }

  /** @param low lowest address of the file when it is loaded */
  load(sha256: string, low: number): CodeSummary | undefined {
    const body = this.#files.read(this.#question(sha256));
    if (body === undefined || body.length % 4 !== 0) return undefined;
    return decodeSummary(new Int32Array(Uint8Array.from(body).buffer), low);
  }

  /** Keeps what is known of modules now, where it is much more than before. */
  save(modules: Iterable<Module>): void {
    for (const module of modules) {
      // What a language's own tables tell is read faster than a summary of it.
      if (module.language !== undefined || module.elf.bytes.length < SMALLEST) continue;
      if (module.newScans * WORTH <= module.ranges.length) continue;
      const words = encodeSummary(module);
      if (words !== undefined) this.#files.write(this.#question(module.sha256), new Uint8Array(words.buffer));
    }
    this.#files.prune();
  }
}
