import { hashOf, type ElfSymbol } from "./symbols.ts";

const NONE: readonly number[] = [];

const isExported = (s: ElfSymbol): boolean => s.section !== 0 && s.bind !== 0;

/** The dynamic symbols that a file defines, by name. Reads hardly any name: of many thousands few are asked for. */
export class Exports {
  readonly #symbols: readonly ElfSymbol[];
  readonly #hashes: Int32Array;
  /** By the low bits of the hash: the first symbol; 0, which is none, ends a chain. */
  readonly #first: Int32Array;
  /** By symbol: the next one in its chain. */
  readonly #next: Int32Array;

  constructor(symbols: readonly ElfSymbol[]) {
    this.#symbols = symbols;
    this.#hashes = new Int32Array(symbols.length);
    this.#next = new Int32Array(symbols.length);
    this.#first = new Int32Array(2 ** Math.ceil(Math.log2(symbols.length + 2)));
    for (let i = symbols.length - 1; i > 0; i--) {
      const s = symbols[i];
      if (s === undefined || !isExported(s)) continue;
      const hash = s.nameHash();
      const bucket = hash & (this.#first.length - 1);
      this.#hashes[i] = hash;
      this.#next[i] = this.#first[bucket] ?? 0;
      this.#first[bucket] = i;
    }
  }

  /** Indices of the symbols of a name, ascending. */
  get(name: string): readonly number[] {
    if (name === "") return NONE;
    const hash = hashOf(name);
    let found: number[] | undefined;
    let at = this.#first[hash & (this.#first.length - 1)] ?? 0;
    for (; at > 0; at = this.#next[at] ?? 0) {
      if (this.#hashes[at] !== hash || this.#symbols[at]?.name !== name) continue;
      if (found === undefined) found = [at];
      else found.push(at);
    }
    return found ?? NONE;
  }

  has(name: string): boolean {
    return this.get(name).length > 0;
  }

  /** All of them, in the order of the file. */
  all(): ElfSymbol[] {
    return this.#symbols.filter((s, i) => i > 0 && isExported(s) && s.name !== "");
  }
}
