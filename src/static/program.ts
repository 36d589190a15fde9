import { RECORDED_ARGUMENTS } from "../abi/arguments.ts";
import { syscallByNumber } from "../abi/syscalls.ts";
import { InputError } from "../errors.ts";
import { Phases, type FunctionNode } from "./code/node.ts";
import type { Module } from "./code/module.ts";
import { DataFollower, dataPhases, startArrays, type Cell } from "./data.ts";
import type { ElfFile } from "./elf/file.ts";
import { DT } from "./elf/layout.ts";
import type { ModuleStore } from "./load/modules.ts";
import { NssFunctions } from "./load/nss.ts";
import { PluginFinder } from "./load/plugins.ts";
import { ProcessImage } from "./load/process.ts";
import type { TargetRoot } from "./load/root.ts";
import { expandPattern } from "./load/search.ts";
import { OldKernel } from "./old-kernel.ts";
import { waitsForAttribute } from "./on-request.ts";
import { Reach } from "./reach.ts";
import { placesOfMutexes } from "./shared-memory.ts";
import { SiteReader, type SiteResult, type Step } from "./sites.ts";
import { ValueResolver } from "./value/resolve.ts";

const MAX_ROUNDS = 64;
const DF_1_PIE = 0x0800_0000;

/** What the user knows and the files do not say. */
export interface Hints {
  /** Libraries that are opened at run time, by name or path in the root. */
  readonly dlopen: readonly string[];
  /** Syscalls, by name or number, that a function's unresolved sites can make, by function name or `0xADDRESS`; empty for none. */
  readonly resolve: ReadonlyMap<string, readonly string[]>;
  /** Folders of LD_LIBRARY_PATH in the environment that it gets, in their order. */
  readonly libraryPath?: readonly string[];
}

/** One program with everything that it loads, and what its sites can ask the kernel for. */
export class ProgramAnalysis {
  readonly image: ProcessImage;
  readonly reach: Reach;
  readonly plugins: PluginFinder;
  readonly sites: SiteResult[] = [];
  /** Sites that enter the kernel by INT 80h or SYSENTER. */
  readonly foreignSites: SiteResult[] = [];
  /** Where it gets memory that may hold mutexes of other programs, whose needs were left out. */
  readonly placesOfMutexes: readonly Step[];
  readonly #data: DataFollower;
  readonly #started = new Set<Module>();

  /** @throws InputError when the file cannot be read or is no ELF program of a known machine */
  constructor(root: TargetRoot, path: string, hints: Hints, store: ModuleStore) {
    this.image = new ProcessImage(path, {
      root,
      loadModule: (name, bytes) => store.load(name, bytes),
      libraryPath: hints.libraryPath ?? [],
    });
    this.reach = new Reach(this.image);
    this.plugins = new PluginFinder(this.reach, root);
    this.#data = new DataFollower(this.reach);
    const nss = new NssFunctions(this.reach);
    this.reach.watch = {
      holds: (module, address, mask, from, site) => nss.holds(module, address, mask, from, site),
      mention: (module, address, mask, from, site) => {
        if (this.image.prelinkedAt(module, address) !== undefined)
          this.reach.handOut(module, address, mask, "taken", from, site);
        this.plugins.noteString(module, address);
        nss.noteString(module, address);
        this.#data.mention(module, address, mask, from, site);
      },
    };
    this.plugins.onLoad = () => this.#startAll();
    this.#rootProgram();
    for (const name of hints.dlopen.flatMap(n =>
      /[*?]/.test(n) ? orItself(n, expandPattern(root, n)) : [n],
    )) {
      if (this.plugins.open(name, this.image.program, true) === undefined) {
        throw new InputError("--dlopen: no such library below the root", { file: name });
      }
    }
    this.#grow();
    const values = new ValueResolver(this.reach);
    this.#readSites(values);
    this.placesOfMutexes = this.reach.leavesOutProtection ? placesOfMutexes(this.reach, values) : [];
  }

  #rootProgram(): void {
    const { program, interpreter } = this.image;
    if (interpreter !== undefined) {
      this.reach.root(interpreter, interpreter.elf.entry, Phases.loader, "entry of the loader");
    }
    if (isLibrary(program.elf)) {
      this.#rootExports(program);
      // The loader and libc.so.6 can be started as programs as well.
      const { entry } = program.elf;
      if (entry !== 0) this.reach.root(program, entry, Phases.startup | Phases.main, "entry of the library");
    } else {
      // In Go the entry does not outlive start-up: main and the scheduler are roots by themselves.
      const isGo = program.isOwnFunction(program.elf.entry);
      const mask = isGo ? Phases.startup : Phases.startup | Phases.main;
      this.reach.root(program, program.elf.entry, mask, "entry of the program");
    }
    this.#startAll();
  }

  #rootExports(library: Module): void {
    for (const symbol of library.exports.all())
      this.reach.root(library, symbol.value, Phases.main, "exported function");
  }

  /** Constructors, destructors and data of modules that are new. */
  #startAll(): void {
    const fresh = this.image.modules.filter(m => !this.#started.has(m));
    for (const module of fresh) {
      this.#started.add(module);
      const isLoader = module === this.image.interpreter;
      const arrays = startArrays(module);
      for (const cell of arrays.startup) {
        this.#rootCell(module, cell, isLoader ? Phases.loader : Phases.startup, "constructor");
      }
      for (const cell of arrays.exit) this.#rootCell(module, cell, Phases.main, "destructor");
      for (const r of module.language?.roots ?? []) {
        this.reach.root(
          module,
          r.address,
          r.phase === "main" ? Phases.main : Phases.startup | Phases.main,
          "named by data of Go",
        );
      }
    }
    // What code reaches directly comes first, so that paths go over calls where there are any.
    this.reach.run();
    for (const module of fresh) this.#data.all(module, dataPhases(module === this.image.interpreter));
    this.reach.run();
  }

  #rootCell(module: Module, cell: Cell, mask: number, reason: string): void {
    if (cell.row < 0) this.reach.root(module, cell.word, mask, reason);
    else {
      for (const target of this.image.slotTargets(module, cell.row)) {
        this.reach.root(target.module, target.address, mask, reason);
      }
    }
  }

  /** Loads what reached code loads, until nothing new comes. */
  #grow(): void {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.reach.run();
      const values = new ValueResolver(this.reach);
      if (!this.plugins.step(values)) return;
      this.#startAll();
    }
  }

  #readSites(values: ValueResolver): void {
    const abi = this.image.program.elf.machine;
    const wanted = (number: number): readonly number[] =>
      RECORDED_ARGUMENTS[syscallByNumber(abi, number)?.name ?? ""] ?? [];
    const reader = new SiteReader(values, wanted);
    const oldKernel = new OldKernel(values);
    for (const node of this.reach.nodes) {
      // Functions found by descent may share code; each has callers of its own.
      for (const address of node.scan.syscalls) {
        if (this.reach.isDead(node, address) || oldKernel.isNeeded(node, address)) continue;
        const site = answered(node, address) ?? reader.read(node, address);
        for (const number of site.numbers.keys()) {
          const name = syscallByNumber(abi, number)?.name ?? "";
          if (waitsForAttribute(node, name, (m, a) => this.reach.nodeAt(m, a))) site.numbers.delete(number);
        }
        if (site.numbers.size > 0 || site.unknown.size > 0) this.sites.push(site);
      }
      for (const address of node.scan.foreign) this.foreignSites.push(reader.read(node, address));
    }
  }
}

/** What a pattern stands for; a pattern that fits nothing stands for itself, and is then not found. */
function orItself(pattern: string, names: string[]): string[] {
  return names.length > 0 ? names : [pattern];
}

/** What the language's own tables say about a site. */
function answered(node: FunctionNode, address: number): SiteResult | undefined {
  const answer = node.module.language?.answers.get(address);
  if (answer === undefined) return undefined;
  return {
    node,
    address,
    numbers: new Map(answer.numbers.map(n => [n, { arguments: new Map(), via: [] }])),
    unknown: new Map(answer.gap === undefined ? [] : [[node, "arithmetic"]]),
  };
}

/** A shared library, which nobody starts; a static-pie program is told apart by its flag. */
export function isLibrary(elf: ElfFile): boolean {
  if (!elf.isShared || elf.interpreter !== undefined) return false;
  const flags = elf.dynamic?.values.get(DT.flags1) ?? 0;
  return elf.dynamic !== undefined && (flags & DF_1_PIE) === 0 && elf.dynamic.soname !== undefined;
}
