import path from "node:path";
import type { TargetRoot } from "../load/root.ts";
import { noMentions, type Mentions, type ScriptNames } from "./asked-by-name.ts";
import type { ScriptCommand, Start } from "./command.ts";
import { importsOf, type Import } from "./imports.ts";
import { addGroup, addWords, type ScriptTexts, Unreadable } from "./text.ts";

/** Calls of the operating system as such. */
const CALLS = /\b(?:os|posix|fcntl|resource|signal)\.([a-z_]\w*)\s*\(/g;
/** Code and libraries by names that are made at run time. */
const DYNAMIC =
  /(?<![.\w])(?:exec|eval|__import__)\s*\(|\b(?:import_module|CDLL|cdll|dlopen|run_path|run_module|spec_from_file_location)\b|^[ \t]*(?:import|from)[ \t]+(?:ctypes|cffi)\b/m;
/** Another interpreter, with another script. */
const AGAIN = /\bsys\.executable\b|["'/]python[\d.]*["'\s]/;
/** Modules in the interpreter itself, as `sys.builtin_module_names` of Debian's and of Docker's builds has them. */
const BUILT_IN =
  /^(?:_\w+|array|atexit|binascii|builtins|cmath|errno|faulthandler|fcntl|gc|grp|itertools|marshal|math|mmap|posix|pwd|pyexpat|resource|select|spwd|sys|syslog|termios|time|unicodedata|xxsubtype|zlib)$/;
/** What the interpreter loads before any script. */
const AT_START = ["site", "os", "codecs", "encodings", "io", "importlib"];

interface Folder {
  readonly path: string;
  /** Whether it holds the language's own library. */
  readonly isLibrary: boolean;
}

interface Listing {
  readonly names: ReadonlySet<string>;
  /** Files of extension modules, by the modules' names. */
  readonly natives: ReadonlyMap<string, string>;
}

interface Loaded {
  readonly file: string;
  /** With dots. */
  readonly module: string;
  readonly isPackage: boolean;
  readonly isLibrary: boolean;
}

/** What an interpreter is told to run, by its options. Source: python3(1). */
function runOf(words: readonly string[]): { kind: "file" | "module" | "code"; what: string } {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const option = /^-([bBdEhiIOPqRsSuvVx]*)([cmWX]?)(.*)$/.exec(word);
    if (word === "-" || word === "" || word.startsWith("--") || (option === null && word.startsWith("-")))
      break;
    if (option === null) return { kind: "file", what: word };
    const [, , letter, rest = ""] = option;
    if (letter === "") continue;
    const argument = rest === "" ? (words[++i] ?? "") : rest;
    if (letter === "m") return { kind: "module", what: argument };
    if (letter === "c") return { kind: "code", what: argument };
  }
  throw new Unreadable("it reads its script from elsewhere than a file");
}

/** Reads what a program in Python is made of: its own files whole, of the library what is loaded. */
export class PythonScripts {
  readonly #root: TargetRoot;
  readonly #texts: ScriptTexts;
  readonly #folders: Folder[] = [];
  readonly #known = new Set<string>();
  readonly #own: Loaded[] = [];
  readonly #library: Loaded[] = [];
  readonly #listed = new Map<string, Listing>();
  readonly names: Mentions = noMentions();

  constructor(root: TargetRoot, texts: ScriptTexts) {
    this.#root = root;
    this.#texts = texts;
  }

  /** @throws Unreadable */
  read(command: ScriptCommand, start: Start): ScriptNames {
    const run = runOf(command.words);
    const script = path.posix.resolve(start.directory, run.what);
    const first = run.kind === "file" ? path.posix.dirname(script) : start.directory;
    this.#findFolders(command, start, first);
    for (const module of AT_START) this.#load(module);
    this.#readStartFiles();
    if (run.kind === "code") this.#noteOwn("its -c", run.what, undefined);
    else if (run.kind === "file") this.#own.push({ file: this.#mainOf(script), ...MAIN });
    else this.#loadMain(run.what);
    this.#readAll();
    return this.names;
  }

  #findFolders({ interpreter, invoked }: ScriptCommand, { env, directory }: Start, first: string): void {
    const add = (folder: string, isLibrary = false): void => {
      if (this.#root.resolve(folder)?.kind === "directory") this.#folders.push({ path: folder, isLibrary });
    };
    const prefixes = [interpreter, invoked].map(file => path.posix.dirname(path.posix.dirname(file)));
    const library = prefixes.flatMap(prefix => this.#librariesBelow(prefix, interpreter))[0];
    if (library === undefined) throw new Unreadable(`the library of ${interpreter} was not found`);
    const version = path.posix.basename(library);
    add(first);
    for (const folder of (env["PYTHONPATH"] ?? "").split(":"))
      if (folder !== "") add(path.posix.resolve(directory, folder));
    add(library, true);
    add(`${library}/lib-dynload`, true);
    const home = env["HOME"] === undefined ? [] : [`${env["HOME"]}/.local`];
    for (const prefix of new Set([...prefixes, "/usr", "/usr/local", ...home]))
      for (const folder of [version, "python3"])
        for (const kind of ["site-packages", "dist-packages"]) add(`${prefix}/lib/${folder}/${kind}`);
  }

  /** `PREFIX/lib/python3.11`, of the version that the interpreter's name says if it says one. */
  #librariesBelow(prefix: string, interpreter: string): string[] {
    const [, version] = /python(\d+\.\d+)$/.exec(interpreter) ?? [];
    const names = version === undefined ? this.#root.list(`${prefix}/lib`) : [`python${version}`];
    return names
      .filter(name => /^python3\.\d+$/.test(name))
      .map(name => `${prefix}/lib/${name}`)
      .filter(folder => this.#root.isFile(`${folder}/os.py`));
  }

  /** Lines of `*.pth` that import something are run at each start. */
  #readStartFiles(): void {
    for (const folder of this.#folders.filter(({ path: at }) => /(?:site|dist)-packages$/.test(at)))
      for (const name of this.#root.list(folder.path).filter(n => n.endsWith(".pth"))) {
        const text = this.#texts.read(`${folder.path}/${name}`);
        if (!/^import\s/m.test(text)) continue;
        addWords(this.names.words, text);
        for (const statement of importsOf(text)) this.#load(statement.module);
      }
  }

  /** A folder is run by its `__main__.py`. */
  #mainOf(script: string): string {
    const inFolder = `${script}/__main__.py`;
    return this.#root.isFile(inFolder) ? inFolder : script;
  }

  #loadMain(module: string): void {
    const main = this.#find(`${module}.__main__`) ?? this.#find(module);
    if (main === undefined) throw new Unreadable(`the module ${module} was not found`);
    this.#load(module);
    this.#own.push(main);
  }

  #readAll(): void {
    for (let file = this.#own.pop(); file !== undefined; file = this.#own.pop())
      this.#noteOwn(file.file, this.#texts.read(file.file), file);
    // What the own files mention is known now, which says what the library loads when asked.
    for (let file = this.#library.pop(); file !== undefined; file = this.#library.pop()) {
      for (const statement of importsOf(this.#texts.read(file.file)))
        if (this.#isLoaded(statement)) this.#follow(statement, file);
    }
  }

  #noteOwn(name: string, given: string, file: Loaded | undefined): void {
    const text = given.replace(/^#!.*/, "");
    // A module of the library that is the main one: `python3 -m http.server`.
    const isKnown = file?.isLibrary === true;
    if (!isKnown && DYNAMIC.test(text))
      throw new Unreadable(`${name} loads code or libraries in a way that is not read`);
    if (!isKnown && AGAIN.test(text)) throw new Unreadable(`${name} may start Python with another script`);
    addWords(this.names.words, text);
    if (!isKnown) addGroup(this.names.calls, text, CALLS);
    for (const statement of importsOf(text)) this.#follow(statement, file);
  }

  /** What a function of the library imports is loaded when it is called: when it, or what it gives, is mentioned. */
  #isLoaded({ inside, names, module }: Import): boolean {
    const { words } = this.names;
    const mentioned = [inside, ...(names ?? []), module.split(".").at(-1)];
    return inside === undefined || mentioned.some(name => name !== undefined && words.has(name));
  }

  #follow(statement: Import, file: Loaded | undefined): void {
    const module = absoluteName(statement.module, file);
    const isFound = module === "" || this.#load(module);
    if (!isFound && statement.isOutermost && file?.isLibrary !== true && !BUILT_IN.test(module))
      throw new Unreadable(`${file?.file ?? "-c"} imports ${module}, which was not found`);
    for (const name of statement.names ?? []) this.#load(module === "" ? name : `${module}.${name}`);
  }

  /** Loads a module with the packages around it. Returns whether it is there. */
  #load(module: string): boolean {
    const parts = module.split(".");
    for (let count = 1; count <= parts.length; count++) {
      const name = parts.slice(0, count).join(".");
      if (this.#known.has(name)) continue;
      const found = this.#find(name);
      if (found === undefined) return false;
      this.#known.add(name);
      if (found.isLibrary) this.names.modules.add(name);
      if (found.file === "") continue;
      if (found.file.endsWith(".so")) {
        if (!found.isLibrary) throw new Unreadable(`${found.file} is no script`);
      } else (found.isLibrary ? this.#library : this.#own).push(found);
    }
    return true;
  }

  #find(module: string): Loaded | undefined {
    const relative = module.replaceAll(".", "/");
    const name = path.posix.basename(relative);
    let folder: Loaded | undefined;
    for (const { path: base, isLibrary } of this.#folders) {
      const parent = path.posix.dirname(`${base}/${relative}`);
      const { names, natives } = this.#list(parent);
      const loaded = (file: string, isPackage = false): Loaded => ({ file, module, isPackage, isLibrary });
      const isFolder = names.has(name);
      if (isFolder && this.#list(`${parent}/${name}`).names.has("__init__.py"))
        return loaded(`${parent}/${name}/__init__.py`, true);
      if (names.has(`${name}.py`)) return loaded(`${parent}/${name}.py`);
      const native = natives.get(name);
      if (native !== undefined) return loaded(`${parent}/${native}`);
      // A folder without `__init__.py` is a package as well, when there is nothing better.
      if (isFolder) folder ??= loaded("", true);
    }
    return folder;
  }

  #list(folder: string): Listing {
    let listing = this.#listed.get(folder);
    if (listing === undefined) {
      const names = this.#root.list(folder);
      const natives = names.filter(name => name.endsWith(".so"));
      listing = {
        names: new Set(names),
        natives: new Map(natives.map(name => [name.replace(/\..*/, ""), name])),
      };
      this.#listed.set(folder, listing);
    }
    return listing;
  }
}

const MAIN = { module: "", isPackage: true, isLibrary: false } as const;

/** The full name of a module that a file imports. Source: Python's reference, "Package Relative Imports". */
function absoluteName(name: string, file: Loaded | undefined): string {
  const dots = /^\.*/.exec(name)?.[0].length ?? 0;
  if (dots === 0 || file === undefined) return name.slice(dots);
  const parts = file.module === "" ? [] : file.module.split(".");
  const kept = parts.slice(0, Math.max(0, parts.length - dots + (file.isPackage ? 1 : 0)));
  return [...kept, name.slice(dots)].filter(part => part !== "").join(".");
}
