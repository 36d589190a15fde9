import { STT } from "../elf/layout.ts";
import type { Module } from "./module.ts";

/** On AArch64 they say where code and data begin, and name nothing. Source: ELF for the Arm 64-bit Architecture, 5.5.1. */
const MAPPING_SYMBOL = /^\$[dx](\.|$)/;

/** Functions that symbols name, ascending by start. */
export interface SymbolNames {
  readonly starts: Float64Array;
  readonly names: readonly string[];
  /** Bytes, as the symbols say. */
  readonly sizes: readonly number[];
}

/** What symbols call functions, but for those that the language's own tables name. */
export function collectNames(module: Module): SymbolNames {
  const byStart = new Map<number, string>();
  const sizes = new Map<number, number>();
  const { elf } = module;
  for (const symbols of [elf.staticSymbols, elf.dynamicSymbols]) {
    for (const s of symbols) {
      if (
        s.section === 0 ||
        (s.type > STT.func && s.type !== STT.ifunc) ||
        s.type === STT.object ||
        module.isOwnFunction(s.value) ||
        s.name === "" ||
        MAPPING_SYMBOL.test(s.name)
      )
        continue;
      sizes.set(s.value, Math.max(s.size, sizes.get(s.value) ?? 0));
      const known = byStart.get(s.value);
      if (known === undefined || isBetterName(s.name, known)) byStart.set(s.value, s.name);
    }
  }
  const entries = [...byStart].filter(([start]) => elf.isCode(start)).sort((a, b) => a[0] - b[0]);
  return {
    starts: Float64Array.from(entries, e => e[0]),
    names: entries.map(e => e[1]),
    sizes: entries.map(e => sizes.get(e[0]) ?? 0),
  };
}

/** Of several names of one function, the one with the fewest leading underscores, then the shortest, then the first. */
function isBetterName(name: string, than: string): boolean {
  const byUnderscores = underscores(name) - underscores(than);
  const order = byUnderscores !== 0 ? byUnderscores : name.length - than.length;
  return order < 0 || (order === 0 && name < than);
}

function underscores(name: string): number {
  return /^_*/.exec(name)?.[0].length ?? 0;
}
