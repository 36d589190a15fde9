import { builtinModules } from "node:module";
import path from "node:path";
import type { TargetRoot } from "../load/root.ts";
import { noMentions, type Mentions, type ScriptNames } from "./asked-by-name.ts";
import type { ScriptCommand, Start } from "./command.ts";
import { addGroup, addWords, type ScriptTexts, Unreadable } from "./text.ts";

const SOURCE = /(?<!\.d)\.[cm]?[jt]sx?$/;
/** Calls of the operating system as such, without the `Sync` at the end. */
const CALLS = /\b(?:fs|fsp|fsPromises|promises|process)\.([a-z]\w*?)(?:Sync)?\s*\(/g;
/** Modules that are loaded by constant names. */
const MODULES = /(?:\brequire\s*\(|\bimport\s*\(|\bfrom|\bimport)\s*["'`]([^"'`\n]+)["'`]/g;
/** Native code, another process of Node with a script from elsewhere, a cache of code that is written. */
const BEYOND =
  /\bprocess\.(?:dlopen|execPath|execve)\b|\benableCompileCache\b|\b(?:exec|execFile|spawn)(?:Sync)?\s*\(\s*["'`](?:[^"'`\s]*\/)?node\b/;
/** Options that load something else, or read the script from elsewhere. */
const LOADING = /^(?:-r|-e|-p|-i|-pe|-c|--require|--import|--loader|--experimental-loader|--eval|--print)\b/;
const BUILT_IN = new Set(builtinModules);
const MOST_FOLDERS = 20_000;

/** Reads what a program for Node.js is made of: the whole package that its script is in, with what that has installed. */
export class NodeScripts {
  readonly #root: TargetRoot;
  readonly #texts: ScriptTexts;
  readonly #done = new Set<string>();
  /** Modules that own files name, by file. */
  readonly #named = new Map<string, ReadonlySet<string>>();
  /** Folders that are read. */
  readonly #read: string[] = [];
  #folders = 0;
  readonly names: Mentions = noMentions();

  constructor(root: TargetRoot, texts: ScriptTexts) {
    this.#root = root;
    this.#texts = texts;
  }

  /** @throws Unreadable */
  read({ words }: ScriptCommand, { env, directory }: Start): ScriptNames {
    const script = words.find(word => !word.startsWith("-"));
    if (script === undefined) throw new Unreadable("it reads its script from elsewhere than a file");
    const options = [...words.slice(0, words.indexOf(script)), ...(env["NODE_OPTIONS"] ?? "").split(/\s+/)];
    if (options.some(word => LOADING.test(word))) throw new Unreadable("options of node load other code");
    if (env["NODE_COMPILE_CACHE"] !== undefined)
      throw new Unreadable("node keeps its compiled code in files");
    const main = this.#mainOf(path.posix.resolve(directory, script));
    this.#readFile(main);
    const folder = this.#packageOf(main);
    // All of a file system is no package.
    if (folder !== "/") this.#readFolder(folder);
    for (const at of foldersAbove(folder)) this.#readFolder(path.posix.join(at, "node_modules"));
    for (const [file, modules] of this.#named) this.#checkModules(file, modules);
    return this.names;
  }

  #mainOf(script: string): string {
    const found = ["", ".js", ".cjs", ".mjs", "/index.js"]
      .map(end => this.#root.resolve(script + end))
      .find(file => file?.kind === "file");
    if (found === undefined) throw new Unreadable(`the script ${script} was not found`);
    return found.path;
  }

  /** The folder of the nearest package.json, or else of the script. */
  #packageOf(main: string): string {
    const own = path.posix.dirname(main);
    const above = [own, ...foldersAbove(own)];
    return above.find(at => this.#root.isFile(`${at}/package.json`)) ?? own;
  }

  #readFile(file: string): void {
    if (this.#done.has(file)) return;
    this.#done.add(file);
    const text = this.#texts.read(file).replace(/^#!.*/, "");
    if (BEYOND.test(text))
      throw new Unreadable(`${file} may load native code or start Node with another script`);
    addWords(this.names.words, text);
    addGroup(this.names.calls, text, CALLS);
    if (file.includes("/node_modules/")) return;
    const modules = new Set<string>();
    addGroup(modules, text, MODULES);
    this.#named.set(file, modules);
  }

  #readFolder(folder: string): void {
    const at = this.#root.resolve(folder);
    if (at?.kind !== "directory" || this.#isRead(at.path)) return;
    this.#read.push(at.path);
    const todo = [at.path];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      if (++this.#folders > MOST_FOLDERS)
        throw new Unreadable(`more than ${MOST_FOLDERS} folders beside its script`);
      for (const name of this.#root.list(next)) {
        const found = this.#root.resolve(`${next}/${name}`);
        if (found === undefined || name === ".git") continue;
        if (name.endsWith(".node")) throw new Unreadable(`${found.path} is native code`);
        if (found.kind === "directory" && found.path === `${next}/${name}`) todo.push(found.path);
        // A link to another package, as workspaces have them.
        else if (found.kind === "directory" && this.#root.isFile(`${found.path}/package.json`))
          this.#readFolder(found.path);
        else if (found.kind === "file" && SOURCE.test(name)) this.#readFile(found.path);
      }
    }
  }

  #isRead(file: string): boolean {
    return this.#read.some(folder => file === folder || file.startsWith(`${folder}/`));
  }

  /** Every module that own files name is built in, or in what was read. */
  #checkModules(file: string, modules: ReadonlySet<string>): void {
    for (const name of modules) {
      if (name.startsWith("node:") || BUILT_IN.has(name)) continue;
      const isPath = /^[./]/.test(name);
      const isThere = isPath
        ? this.#isRead(path.posix.resolve(path.posix.dirname(file), name))
        : this.#read.some(folder => this.#hasPackage(folder, name));
      if (!isThere) throw new Unreadable(`${file} loads ${name}, which was not found`);
    }
  }

  #hasPackage(folder: string, name: string): boolean {
    const [first = "", second = ""] = name.split("/");
    const own = first.startsWith("@") ? `${first}/${second}` : first;
    const modules = folder.endsWith("/node_modules") ? folder : `${folder}/node_modules`;
    return this.#root.resolve(`${modules}/${own}`)?.kind === "directory";
  }
}

/** The folders that a folder is in, to the root; that one too when it is the folder itself. */
function foldersAbove(folder: string): string[] {
  const parent = path.posix.dirname(folder);
  return parent === folder ? [folder] : [parent, ...(parent === "/" ? [] : foldersAbove(parent))];
}
