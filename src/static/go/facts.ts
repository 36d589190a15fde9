import { aarch64 } from "../aarch64/machine.ts";
import type { ElfFile } from "../elf/file.ts";
import type { KnownFunction, LanguageFacts, LanguageReader, LanguageRoot } from "../model.ts";
import { x8664 } from "../x86-64/machine.ts";
import { readGoVersion } from "./build-info.ts";
import { findModuledata, type Moduledata } from "./moduledata.ts";
import { carriedNumbers, endlessFunctions, fcntlWords, usesRegisters } from "./numbers.ts";
import { findPclntab, mayHoldPclntab, type Pclntab, type Region } from "./pclntab.ts";
import { relocatedRegions, Words } from "./regions.ts";
import { functionsNamedByData } from "./taken.ts";

/** Reads Go's own tables: functions with their names and extents, also in stripped files. */
export const readGo: LanguageReader = (elf: ElfFile): LanguageFacts | undefined => {
  if (!mayHoldPclntab(elf.bytes)) return undefined;
  const regions = relocatedRegions(elf);
  const table = findPclntab(regions);
  if (table === undefined) return undefined;
  const words = new Words(regions);
  const moduledata = findModuledata(regions, words, table);
  const textStart = textStartOf(elf, table, moduledata?.text);
  const functions = functionsOf(elf, table, textStart);
  const version = readGoVersion(regions, words);
  return {
    language: "go",
    version,
    functions,
    preserved: 0,
    roots: rootsOf(elf, functions, regions, table, moduledata),
    answers: new Map(),
    endless: endlessFunctions(functions),
    constantWords: fcntlWords(elf, elf.machine === "x86_64" ? x8664 : aarch64, functions),
    throughMemory: carriedNumbers(functions, usesRegisters(elf, version, table.layout)),
    followData: false,
  };
};

/**
 * What can run without a visible call: functions that data names, and the scheduler, which start-up calls and which
 * never returns. Without moduledata there is no telling data from tables, so every function counts.
 */
function rootsOf(
  elf: ElfFile,
  functions: readonly KnownFunction[],
  regions: readonly Region[],
  table: Pclntab,
  moduledata: Moduledata | undefined,
): LanguageRoot[] {
  if (moduledata?.types === undefined) return functions.map(asRoot);
  const { text, types, pclntabEnd } = moduledata;
  const pclntab = { start: table.address, end: pclntabEnd };
  const taken = functionsNamedByData(elf, functions, { regions, text, types, pclntab });
  return functions.filter(f => taken.has(f.start) || f.name === "runtime.mstart").map(asRoot);
}

function asRoot(f: KnownFunction): LanguageRoot {
  return { address: f.start, phase: "main" };
}

function textStartOf(elf: ElfFile, table: Pclntab, moduledataText: number | undefined): number {
  if (table.layout === "1.2" || table.layout === "1.16") return 0;
  // The header's own value may wait for a relocation that the file does not show, so moduledata goes first.
  if (moduledataText !== undefined) return moduledataText;
  if (table.textStartKnown) return table.textStart;
  return elf.fail(
    "Go program whose moduledata cannot be found, so that its functions have no addresses",
    table.address,
  );
}

function functionsOf(elf: ElfFile, table: Pclntab, textStart: number): KnownFunction[] {
  const functions: KnownFunction[] = [];
  for (let index = 0; index < table.count; index++) {
    const start = textStart + table.startOf(index);
    const end = textStart + table.startOf(index + 1);
    if (start === end) continue;
    if (!elf.isCode(start) || !elf.isCode(end - 1)) {
      elf.fail("Go function table that points outside of the code", table.address);
    }
    functions.push({ start, end, name: table.nameOf(index) });
  }
  return functions;
}
