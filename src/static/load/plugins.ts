import path from "node:path";
import { InputError } from "../../errors.ts";
import type { FunctionNode } from "../code/node.ts";
import { isOwnPlugin } from "../distance.ts";
import type { Module } from "../code/module.ts";
import { STT } from "../elf/layout.ts";
import type { Reach } from "../reach.ts";
import type { ValueResolver } from "../value/resolve.ts";
import { nssLibraries } from "./nss.ts";
import {
  isOpenssl,
  namesEngineParameter,
  OPENSSL_REQUESTS,
  OpensslConfiguration,
  OpensslRequests,
  TAKES_PARAMETERS,
} from "./openssl.ts";
import { readConverter, type Converter } from "./converter.ts";
import { PluginFolders } from "./folders.ts";
import type { TargetRoot } from "./root.ts";
import { expandPattern } from "./search.ts";
import { absolutePaths } from "./strings.ts";

/** A use of dlopen or dlsym whose name nobody knows. */
export interface UnknownUse {
  readonly kind: "unknown-dlopen" | "unknown-dlsym";
  readonly node: FunctionNode;
  readonly site: number;
  /** Folders whose libraries were taken in its place. */
  readonly folders: readonly string[];
  /** The configuration that says which of the libraries in these folders are opened, where there is one. */
  readonly configuration?: string;
}

/** Strings of glibc that say what its reached code is about to load. Source: glibc nss/nss_module.c, iconv/gconv_dl.c. */
const NSS_MARK = /^libnss_/;
const GCONV_MARK = /^gconv_init$/;
const OWN_LIBRARY = /^lib(gcc_s|idn2?)\.so\.\d+$/;
const DLOPEN = ["dlopen", "dlmopen", "__libc_dlopen_mode"];
const DLSYM = ["dlsym", "dlvsym", "__libc_dlsym"];

/**
 * Finds what a process loads while it runs: libraries named by constants, glibc's NSS and gconv modules, plug-in folders
 * that a program which calls dlopen with a computed name carries in its constants.
 */
export class PluginFinder {
  readonly #reach: Reach;
  readonly #root: TargetRoot;
  readonly #folders: PluginFolders;
  readonly #seenSites = new Set<string>();
  readonly #names = new Set<string>();
  readonly #exported = new Set<Module>();
  #allExports = false;
  #gconv = false;
  readonly #opened = new Map<Module, boolean>();
  readonly #unknown: UnknownUse[] = [];
  /** Where OpenSSL opens libraries, as long as its configuration and constants say which. */
  #openssl: { node: FunctionNode; site: number }[] = [];
  readonly #requests = new OpensslRequests();
  /** Whether code outside of OpenSSL may name an engine among the parameters of an algorithm. */
  #namesEngines = false;
  readonly #configured = new Map<FunctionNode, UnknownUse>();
  readonly #converters: Converter[] = [];
  /** Names that were asked for and are not there. */
  readonly absent: Set<string> = new Set();
  /** Called for every module that is loaded. */
  onLoad: (module: Module) => void = () => undefined;

  constructor(reach: Reach, root: TargetRoot) {
    this.#reach = reach;
    this.#root = root;
    this.#folders = new PluginFolders(root, reach.image.search.folders);
  }

  /** Uses of dlopen and dlsym with names that nobody knows. */
  get unknown(): readonly UnknownUse[] {
    return [...this.#unknown, ...this.#configured.values()];
  }

  /** Reached code mentions an address of data: glibc gives itself away by its strings. */
  noteString(module: Module, address: number): void {
    const first = module.elf.u8(address);
    if (namesEngineParameter(module, address)) this.#namesEngines = true;
    if (first !== 0x6c && first !== 0x67) return;
    if (!module.isGlibc && this.#reach.image.interpreter !== undefined) return;
    const text = module.elf.string(address);
    if (text === undefined) return;
    if (NSS_MARK.test(text)) this.#names.add("*nss");
    else if (GCONV_MARK.test(text)) this.#gconv = true;
    else if (OWN_LIBRARY.test(text)) this.#names.add(text);
  }

  /** Loads what became known since the last call. Returns whether there was anything. */
  step(values: ValueResolver): boolean {
    const before = this.#reach.image.modules.length;
    const queue = [...this.#names];
    this.#names.clear();
    let isNew = false;
    for (const name of queue) {
      if (name === "*nss")
        for (const file of nssLibraries(this.#root)) this.open(file, this.#reach.image.program, true);
      else this.open(name, this.#reach.image.program, true);
    }
    if (this.#gconv) {
      this.#gconv = false;
      isNew = true;
      this.#loadGconv();
    }
    this.#readDlopen(values);
    isNew = this.#readDlsym(values) || isNew;
    return isNew || this.#reach.image.modules.length > before;
  }

  /** Loads a library that is opened at run time; `everything`: what it exports is called by names nobody sees. */
  open(name: string, from: Module, everything: boolean): Module | undefined {
    const module = this.#load(name, from);
    if (module === undefined) {
      this.absent.add(name);
      return undefined;
    }
    // What the program needs anyway is called through its symbols, not through what dlsym finds.
    if (this.#reach.image.isNeeded(module)) return module;
    if (this.#opened.get(module) !== true) this.#opened.set(module, everything);
    if (everything || this.#allExports) this.#exportAll(module);
    this.onLoad(module);
    return module;
  }

  #load(name: string, from: Module): Module | undefined {
    try {
      return this.#reach.image.open(name, from);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return undefined;
    }
  }

  #exportAll(module: Module): void {
    if (this.#exported.has(module)) return;
    this.#exported.add(module);
    for (const build of [module, ...this.#reach.image.variantsOf(module)]) {
      for (const s of build.exports.all())
        if (s.type !== STT.tls)
          this.#reach.root(build, s.value, 6, "exported by a library that is opened at run time");
    }
  }

  /** Nodes of the functions that a list of names stands for, with the argument that holds a name. */
  #definitionsOf(names: readonly string[]): FunctionNode[] {
    const nodes = new Set<FunctionNode>();
    for (const name of names) {
      for (const d of this.#reach.image.definitions(name)) {
        const node = this.#reach.nodeAt(d.module, d.symbol.value);
        if (node !== undefined) nodes.add(node);
      }
    }
    return [...nodes];
  }

  /** Calls of functions, each once, with the texts that an argument can be; undefined among them is "anything". */
  #calls(
    names: readonly string[],
    argument: number,
    values: ValueResolver,
  ): { node: FunctionNode; site: number; texts: Set<string | undefined> }[] {
    const found: { node: FunctionNode; site: number; texts: Set<string | undefined> }[] = [];
    for (const target of this.#definitionsOf(names)) {
      for (const caller of target.callers) {
        // Whatever was reached since may call its callers with other names.
        const key = `${caller.node.module.id}:${caller.site}:${this.#reach.nodes.length}`;
        if (this.#seenSites.has(key)) continue;
        this.#seenSites.add(key);
        const register = caller.node.module.machine.callArguments[argument] ?? 0;
        const at = values.local(caller.node).register(caller.site, register, !caller.isCall);
        const texts = new Set<string | undefined>();
        if (at.length === 0) texts.add(undefined);
        for (const v of values.resolve(caller.node, at)) {
          if (v.kind === "constant" && v.value === 0) continue;
          texts.add(v.kind === "constant" ? (v.module ?? caller.node.module).elf.string(v.value) : undefined);
        }
        found.push({ node: caller.node, site: caller.site, texts });
      }
    }
    return found;
  }

  #readDlopen(values: ValueResolver): void {
    for (const [names, argument] of [
      [DLOPEN.filter(n => n !== "dlmopen"), 0],
      [["dlmopen"], 1],
    ] as const) {
      for (const { node, site, texts } of this.#calls(names, argument, values)) {
        for (const text of texts) {
          if (text !== undefined && text !== "") this.open(text, node.module, this.#allExports);
        }
        if (!texts.has(undefined)) continue;
        if (isOpenssl(node.module) && !this.#requests.isAll) this.#addOpenssl(node, site);
        else this.#openFolders(node, site);
      }
    }
    this.#readOpenssl(values);
  }

  #openFolders(node: FunctionNode, site: number): void {
    const folders = this.#folders.namedBy([node.module, this.#reach.image.program]);
    for (const file of folders.flatMap(f => this.#folders.libraries(f))) this.open(file, node.module, true);
    this.#addUnknown({ kind: "unknown-dlopen", node, site, folders });
  }

  #addUnknown(use: UnknownUse): void {
    const same = this.#unknown.findIndex(u => u.node === use.node && u.site === use.site);
    if (same < 0) this.#unknown.push(use);
    else this.#unknown[same] = use;
  }

  #addOpenssl(node: FunctionNode, site: number): void {
    if (!this.#openssl.some(o => o.node === node && o.site === site)) this.#openssl.push({ node, site });
  }

  /** OpenSSL opens what its configuration names, and what other code is seen to ask for. */
  #readOpenssl(values: ValueResolver): void {
    if (this.#openssl.length === 0) return;
    this.#readRequests(values);
    const waiting = this.#openssl;
    if (this.#requests.isAll) this.#openssl = [];
    for (const { node, site } of waiting) {
      this.#configured.delete(node);
      if (this.#requests.isAll) {
        this.#openFolders(node, site);
        continue;
      }
      const { module } = node;
      const configuration = new OpensslConfiguration(this.#root, absolutePaths(module));
      const folders = this.#folders.namedBy([module]);
      for (const file of folders.flatMap(f => this.#folders.libraries(f)))
        if (configuration.opens(file) || this.#requests.opens(file)) this.open(file, module, true);
      this.#configured.set(node, {
        kind: "unknown-dlopen",
        node,
        site,
        folders,
        configuration: configuration.file ?? "no configuration",
      });
    }
  }

  /** What code outside of OpenSSL asks it to open. */
  #readRequests(values: ValueResolver): void {
    for (const [name, request] of Object.entries(OPENSSL_REQUESTS)) {
      const nodes = this.#definitionsOf([name]);
      const kind = request === "any" ? "any" : request.kind;
      if (nodes.some(n => n.hasUnknownCallers)) this.#requests.add(kind, new Set([undefined]));
      for (const { node, texts } of this.#calls([name], request === "any" ? 0 : request.name, values))
        if (!isOpenssl(node.module)) this.#requests.add(kind, texts);
    }
    if (this.#namesEngines && this.#passesParameters()) this.#requests.add("engines", new Set([undefined]));
  }

  /** Whether code outside of OpenSSL gives it parameters of an algorithm. */
  #passesParameters(): boolean {
    return this.#reach.nodes.some(
      node =>
        isOpenssl(node.module) &&
        (node.hasUnknownCallers || node.callers.some(c => !isOpenssl(c.node.module))) &&
        TAKES_PARAMETERS.test(node.name),
    );
  }

  #readDlsym(values: ValueResolver): boolean {
    let isNew = false;
    for (const { node, site, texts } of this.#calls(DLSYM, 1, values)) {
      for (const text of texts) {
        if (text === undefined) continue;
        for (const d of this.#reach.image.definitions(text)) {
          isNew = true;
          this.#reach.root(d.module, d.symbol.value, 6, `found by dlsym("${text}")`);
        }
      }
      if (!texts.has(undefined)) continue;
      this.#addUnknown({ kind: "unknown-dlsym", node, site, folders: [] });
      if (this.#allExports) continue;
      this.#allExports = true;
      isNew = true;
      for (const module of this.#opened.keys()) this.#exportAll(module);
    }
    return isNew;
  }

  /** What was opened at run time and is the program's own, not a plug-in of one of its libraries. */
  ownPlugins(): Module[] {
    const usual = this.#reach.image.search.folders.map(folder => this.#root.resolve(folder)?.path ?? folder);
    const libraryFolders = new Set(usual);
    return [...this.#opened.keys()].filter(module => isOwnPlugin(module.path, libraryFolders));
  }

  /** Converters of character sets: many, small, and of one kind, so that all of them are loaded. */
  #loadGconv(): void {
    const files = this.#reach.image.search.folders
      .filter(folder => !/\/lib(x?32|o?32)$/.test(folder))
      .flatMap(folder => expandPattern(this.#root, path.posix.join(folder, "gconv", "*.so")));
    const places = new Set(files.map(file => this.#root.resolve(file)?.path ?? file));
    for (const place of places) this.#openConverter(place, places);
  }

  /** What a converter takes from other libraries counts; it is loaded only where its own code matters. */
  #openConverter(place: string, converters: ReadonlySet<string>): void {
    const { image } = this.#reach;
    const converter = this.#readConverter(place);
    const isAlone = converter?.elf.dynamic?.needed.every(name => {
      if (image.isLoaded(name)) return true;
      const found = image.search.find(name, converter.elf, [image.program.elf]);
      return found !== undefined && converters.has(this.#root.resolve(found)?.path ?? found);
    });
    if (converter === undefined || isAlone !== true) {
      this.open(place, image.program, true);
      return;
    }
    this.#converters.push(converter);
    for (const { name, version } of converter.imports) {
      const found = image.define(name, version);
      if (found !== undefined)
        this.#reach.root(found.module, found.symbol.value, 6, "called by a converter of character sets");
    }
  }

  #readConverter(place: string): Converter | undefined {
    const { image } = this.#reach;
    if (!this.#root.isFile(place) || image.modules.some(module => module.path === place)) return undefined;
    const bytes = this.#root.read(place);
    return readConverter(place, bytes, image.program.elf.machine, [...DLOPEN, ...DLSYM, "syscall"]);
  }

  /** Converters of character sets that were not loaded, since what they take from other libraries says it all. */
  get converters(): readonly Converter[] {
    return this.#converters;
  }
}
