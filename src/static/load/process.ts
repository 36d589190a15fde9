import { InputError } from "../../errors.ts";
import type { Module } from "../code/module.ts";
import type { ElfFile } from "../elf/file.ts";
import { Reloc, STT } from "../elf/layout.ts";
import type { ElfSymbol } from "../elf/symbols.ts";
import type { TargetRoot } from "./root.ts";
import { LibrarySearch } from "./search.ts";

/** Where a symbol is defined. */
export interface Definition {
  readonly module: Module;
  readonly symbol: ElfSymbol;
}

/** What a GOT slot or a pointer in data holds after relocation. */
export interface SlotTarget {
  readonly module: Module;
  readonly address: number;
  /** What is there answers with the address of the function that is meant (IFUNC, IRELATIVE). */
  readonly isResolver: boolean;
}

export interface ProcessTools {
  readonly root: TargetRoot;
  /** A module for a file's path in the root and its bytes. */
  readonly loadModule: (path: string, bytes: Uint8Array) => Module;
  /** Folders of LD_LIBRARY_PATH. */
  readonly libraryPath: readonly string[];
}

/** The files that make up one process, as ld.so would load them, and which of them defines what. */
export class ProcessImage {
  readonly modules: Module[] = [];
  readonly program: Module;
  readonly interpreter: Module | undefined;
  /** The library whose addresses a program has in its code that nothing links with it; nearly none has. */
  readonly prelinked: Module | undefined;
  /** Libraries that were asked for and not found: name, and who asked. */
  readonly missing: { readonly name: string; readonly by: string }[] = [];
  readonly search: LibrarySearch;
  readonly #tools: ProcessTools;
  readonly #byPath = new Map<string, Module>();
  readonly #bySoname = new Map<string, Module>();
  /** Lookup order of the global scope: the program and what it needs, breadth first. */
  readonly #scope: Module[] = [];
  readonly #definitions = new Map<string, Definition | undefined>();
  /** Keys of `#definitions` that a library which is opened later may answer better. */
  readonly #misses = new Set<string>();
  readonly #slotTargets = new Map<Module, Map<number, readonly SlotTarget[]>>();
  readonly #needed: ReadonlySet<Module>;
  readonly #variants = new Map<Module, Module[]>();
  readonly #isVariant = new Set<Module>();

  constructor(path: string, tools: ProcessTools) {
    this.#tools = tools;
    this.program = this.#add(path, undefined);
    const { interpreter } = this.program.elf;
    this.search = new LibrarySearch(tools.root, this.program.elf.machine, interpreter, tools.libraryPath);
    if (interpreter !== undefined) {
      if (tools.root.isFile(interpreter)) this.interpreter = this.#add(interpreter, undefined);
      else this.missing.push({ name: interpreter, by: this.program.path });
    }
    this.prelinked =
      this.program.elf.isPrelinked && this.interpreter?.elf.isShared === false ? this.interpreter : undefined;
    this.#loadNeeded(this.program);
    if (this.interpreter !== undefined && !this.#scope.includes(this.interpreter))
      this.#scope.push(this.interpreter);
    this.#needed = new Set(this.modules);
  }

  /** The library that an address in a program's code belongs to, where it is no address of the program. */
  prelinkedAt(module: Module, address: number): Module | undefined {
    const library = this.prelinked;
    if (library === undefined || module !== this.program) return undefined;
    return library.elf.segmentOf(address) === undefined ? undefined : library;
  }

  /** Whether a module was there before anything was opened at run time. */
  isNeeded(module: Module): boolean {
    return this.#needed.has(module);
  }

  /** Whether a library of that name, as others need it, is loaded. */
  isLoaded(soname: string): boolean {
    return this.#bySoname.has(soname);
  }

  /** Loads a library besides those that the program needs, with what it needs in turn. Undefined if it is not there. */
  open(name: string, from: Module): Module | undefined {
    const known = this.#bySoname.get(name);
    if (known !== undefined) return known;
    const found = name.startsWith("/") ? name : this.search.find(name, from.elf, [this.program.elf]);
    if (found === undefined || !this.#tools.root.isFile(found)) return undefined;
    const before = this.modules.length;
    const module = this.#addLibrary(found, name);
    if (this.modules.length > before) this.#loadNeeded(module);
    if (this.modules.length > before) this.#forgetMisses();
    return module;
  }

  /** What was found stays the first in the scope; what was not, or not in the right version, may be there now. */
  #forgetMisses(): void {
    for (const key of this.#misses) this.#definitions.delete(key);
    this.#misses.clear();
  }

  #add(path: string, soname: string | undefined): Module {
    const place = this.#tools.root.resolve(path)?.path ?? path;
    let module = this.#byPath.get(place);
    if (module === undefined) {
      module = this.#tools.loadModule(place, this.#tools.root.read(place));
      const first = this.modules[0]?.elf.machine ?? module.elf.machine;
      if (first !== module.elf.machine) {
        throw new InputError(`is for ${module.elf.machine}, the program for ${first}`, { file: place });
      }
      this.modules.push(module);
      this.#byPath.set(place, module);
    }
    for (const name of [soname, module.elf.dynamic?.soname]) {
      if (name !== undefined && !this.#bySoname.has(name)) this.#bySoname.set(name, module);
    }
    return module;
  }

  #loadNeeded(first: Module): void {
    const start = [first, ...this.variantsOf(first)];
    const queue: { module: Module; chain: readonly ElfFile[] }[] = start.map(module => ({
      module,
      chain: [],
    }));
    const queued = new Set<Module>(start);
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { module, chain } = next;
      if (!this.#isVariant.has(module) && !this.#scope.includes(module)) this.#scope.push(module);
      for (const name of module.elf.dynamic?.needed ?? []) {
        const library = this.#need(name, module, chain);
        if (library === undefined || queued.has(library)) continue;
        for (const each of [library, ...this.variantsOf(library)]) {
          queued.add(each);
          queue.push({ module: each, chain: [module.elf, ...chain] });
        }
      }
    }
  }

  #need(name: string, by: Module, chain: readonly ElfFile[]): Module | undefined {
    const known = this.#bySoname.get(name);
    if (known !== undefined) return known;
    const found = this.search.find(name, by.elf, [...chain, this.program.elf]);
    if (found === undefined) {
      // musl's libc.so is its own loader, whatever it is called.
      if (this.interpreter?.path.includes("ld-musl") === true && /^libc\.(so|musl)/.test(name))
        return this.interpreter;
      if (!this.missing.some(m => m.name === name)) this.missing.push({ name, by: by.path });
      return undefined;
    }
    return this.#addLibrary(found, name);
  }

  /** Builds of a library for newer processors, any of which may run in its place. */
  variantsOf(module: Module): readonly Module[] {
    return this.#variants.get(module) ?? [];
  }

  /** A library, and its builds for newer processors: nobody knows on which it will run. */
  #addLibrary(found: string, name: string): Module {
    const module = this.#add(found, name);
    if (this.#variants.has(module)) return module;
    const variants: Module[] = [];
    this.#variants.set(module, variants);
    for (const file of this.search.variants(found)) {
      const variant = this.#add(file, undefined);
      variants.push(variant);
      this.#isVariant.add(variant);
    }
    return module;
  }

  /** The definition that a reference binds to: the first in the scope, its own group after that. */
  define(name: string, version: string | undefined): Definition | undefined {
    const key = version === undefined ? name : `${name}@${version}`;
    if (this.#definitions.has(key)) return this.#definitions.get(key);
    const { found, isExact } = this.#lookup(name, version);
    this.#definitions.set(key, found);
    if (!isExact) this.#misses.add(key);
    return found;
  }

  #lookup(name: string, version: string | undefined): { found: Definition | undefined; isExact: boolean } {
    let fallback: Definition | undefined;
    for (const module of this.#scope) {
      for (const index of module.exports.get(name)) {
        const symbol = module.elf.dynamicSymbols[index];
        if (symbol === undefined) continue;
        const fits =
          version === undefined ? !symbol.hidden : symbol.version === version || symbol.version === undefined;
        if (fits) return { found: { module, symbol }, isExact: true };
        fallback ??= { module, symbol };
      }
    }
    return { found: fallback, isExact: false };
  }

  /** The same symbol in builds of the same library for newer processors. */
  #likeIt({ module, symbol }: Definition): Definition[] {
    return this.variantsOf(module).flatMap(variant =>
      variant.exports.get(symbol.name).flatMap(index => {
        const other = variant.elf.dynamicSymbols[index];
        return other !== undefined && other.version === symbol.version
          ? [{ module: variant, symbol: other }]
          : [];
      }),
    );
  }

  /** Every definition of a name, in whatever module and version: what dlsym may find. */
  definitions(name: string): Definition[] {
    return this.modules.flatMap(module =>
      module.exports.get(name).flatMap(index => {
        const symbol = module.elf.dynamicSymbols[index];
        return symbol === undefined ? [] : [{ module, symbol }];
      }),
    );
  }

  /** What the relocation in a row of a module's table puts there; empty for what is no address. */
  slotTargets(module: Module, row: number): readonly SlotTarget[] {
    let rows = this.#slotTargets.get(module);
    if (rows === undefined) {
      rows = new Map();
      this.#slotTargets.set(module, rows);
    }
    let targets = rows.get(row);
    if (targets === undefined) {
      targets = this.#resolveRow(module, row);
      rows.set(row, targets);
    }
    return targets;
  }

  #resolveRow(module: Module, row: number): SlotTarget[] {
    const { kind, addend, symbol } = module.elf.relocations;
    const what = kind[row];
    const plus = addend[row] ?? 0;
    if (what === Reloc.relative) return [{ module, address: plus, isResolver: false }];
    if (what === Reloc.irelative) return [{ module, address: plus, isResolver: true }];
    if (what === Reloc.other) return [];
    const reference = module.elf.dynamicSymbols[symbol[row] ?? 0];
    if (reference === undefined || reference.name === "") return [];
    const own = reference.section === 0 ? undefined : { module, symbol: reference };
    const found = this.define(reference.name, reference.version) ?? own;
    const targets: SlotTarget[] = [];
    for (const d of found === own ? [own] : [found, own]) {
      if (d === undefined || d.symbol.type === STT.tls) continue;
      const offset = what === Reloc.absolute ? plus : 0;
      for (const { module: owner, symbol: s } of [d, ...this.#likeIt(d)]) {
        targets.push({ module: owner, address: s.value + offset, isResolver: s.type === STT.ifunc });
      }
      // What interposes it is what is used; its own definition counts only when nothing else was found.
      break;
    }
    return targets;
  }
}
