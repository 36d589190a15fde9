import path from "node:path";
import type { Module } from "../code/module.ts";
import type { TargetRoot } from "./root.ts";
import { absolutePaths } from "./strings.ts";

const MAX_DEPTH = 5;
const MAX_PLUGINS = 600;
/** Entries that are looked at below one folder. */
const MAX_LISTED = 20_000;
/** The kernel's own file systems and what is there for one run only: no libraries, and different every time. */
const PASSING_FOLDERS = /^\/(proc|sys|dev|run|tmp|var\/(run|tmp))(\/|$)/;

/** Folders of plug-ins, which programs and libraries carry among their constants. */
export class PluginFolders {
  readonly #root: TargetRoot;
  /** Where libraries usually are. */
  readonly #usual: ReadonlySet<string | undefined>;

  constructor(root: TargetRoot, usual: readonly string[]) {
    this.#root = root;
    this.#usual = new Set(usual.map(folder => root.resolve(folder)?.path));
  }

  /** Folders with libraries in them that modules name among their constants. Sorted. */
  namedBy(modules: readonly Module[]): string[] {
    const folders = new Set<string>();
    for (const m of new Set(modules)) {
      for (const name of [...absolutePaths(m), ...pythonFolders(m, this.#root)]) {
        if (PASSING_FOLDERS.test(name)) continue;
        const found = this.#root.resolve(name);
        const isUsual = this.#usual.has(found?.path);
        if (found?.kind !== "directory" || isUsual || found.path.split("/").length < 4) continue;
        if (PASSING_FOLDERS.test(found.path)) continue;
        if (this.libraries(found.path).length > 0) folders.add(found.path);
      }
    }
    return [...folders].sort();
  }

  /** Libraries in a folder and in those below it. */
  libraries(folder: string): string[] {
    return this.#below(folder, 0, { left: MAX_LISTED });
  }

  #below(folder: string, depth: number, budget: { left: number }): string[] {
    const found: string[] = [];
    for (const name of this.#root.list(folder)) {
      if (budget.left-- <= 0) break;
      const file = path.posix.join(folder, name);
      const kind = this.#root.resolve(file)?.kind;
      if (kind === "directory" && depth < MAX_DEPTH) found.push(...this.#below(file, depth + 1, budget));
      else if (kind === "file" && /\.so(\.\d+)*$/.test(name)) found.push(file);
      if (found.length > MAX_PLUGINS) break;
    }
    return found;
  }
}

/** Where a Python keeps its extension modules: `PREFIX/lib/pythonX.Y/lib-dynload`. */
function pythonFolders(module: Module, root: TargetRoot): string[] {
  const version = /(?:^|\/)(?:lib)?python(3\.\d+)/.exec(module.path)?.[1];
  if (version === undefined) return [];
  const prefixes = ["/usr", "/usr/local", path.posix.dirname(path.posix.dirname(module.path))];
  return prefixes
    .map(p => `${p}/lib/python${version}/lib-dynload`)
    .filter(f => root.resolve(f)?.kind === "directory");
}
