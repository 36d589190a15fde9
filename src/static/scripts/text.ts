import { InputError } from "../../errors.ts";
import type { TargetRoot } from "../load/root.ts";

const NEWLINE = 10;
const MOST_FILES = 20_000;
const MOST_BYTES = 64_000_000;
const MOST_WORDS = 500_000;
const MOST_LINES = 2_000_000;

/** Why scripts cannot tell what will be asked for. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** Reads the texts of scripts, with an end to how many and how long. */
export class ScriptTexts {
  readonly #root: TargetRoot;
  #files = 0;
  #bytes = 0;
  #lines = 0;

  constructor(root: TargetRoot) {
    this.#root = root;
  }

  get files(): number {
    return this.#files;
  }

  /** @throws Unreadable */
  read(file: string): string {
    try {
      const bytes = this.#root.read(file, MOST_BYTES);
      this.#files++;
      this.#bytes += bytes.length;
      if (this.#files > MOST_FILES || this.#bytes > MOST_BYTES)
        throw new Unreadable(`it loads more than ${MOST_FILES} files or ${MOST_BYTES / 1e6} MB`);
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) this.#lines++;
      if (this.#lines > MOST_LINES) throw new Unreadable(`its scripts have more than ${MOST_LINES} lines`);
      return Buffer.from(bytes).toString("latin1");
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new Unreadable(`${file} cannot be read: ${error.reason}`);
    }
  }
}

/** Adds the identifiers of a text, those in its strings and comments too. */
export function addWords(words: Set<string>, text: string): void {
  for (const [word] of text.matchAll(/[A-Za-z_$][\w$]*/g)) {
    words.add(word);
    if (words.size > MOST_WORDS) throw new Unreadable(`its scripts hold more than ${MOST_WORDS} words`);
  }
}

/** Adds what the first group of an expression finds. */
export function addGroup(words: Set<string>, text: string, expression: RegExp): void {
  for (const [, word] of text.matchAll(expression)) if (word !== undefined) words.add(word);
}
