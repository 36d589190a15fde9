import path from "node:path";
import type { ElfFile } from "../elf/file.ts";
import type { TargetRoot } from "./root.ts";

const MAX_INCLUDES = 64;

/** Folders of `ld.so.conf`, in order, with what it includes. */
function configured(root: TargetRoot, file: string, seen: Set<string>, folders: string[]): void {
  if (seen.has(file) || seen.size > MAX_INCLUDES) return;
  seen.add(file);
  for (const raw of root.text(file).split("\n")) {
    const line = raw.replace(/#.*/, "").trim();
    const include = /^include\s+(\S+)/.exec(line)?.[1];
    if (include !== undefined) {
      for (const name of expandPattern(root, path.posix.resolve(path.posix.dirname(file), include))) {
        configured(root, name, seen, folders);
      }
    } else if (line.startsWith("/")) folders.push(line.split(/[\s=]/)[0] ?? line);
  }
}

/** Files that match a pattern with `*` and `?` in any of its parts, sorted. */
export function expandPattern(root: TargetRoot, pattern: string): string[] {
  let found = ["/"];
  for (const part of pattern.split("/").filter(p => p !== "")) {
    if (!/[*?]/.test(part)) {
      found = found.map(folder => path.posix.join(folder, part));
      continue;
    }
    const text = part
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*+/g, ".*")
      .replace(/\?/g, ".");
    const test = new RegExp(`^${text}$`);
    found = found.flatMap(folder =>
      root
        .list(folder)
        .filter(name => test.test(name))
        .map(name => path.posix.join(folder, name)),
    );
  }
  return found.filter(name => root.resolve(name) !== undefined);
}

/**
 * Where ld.so of the target looks for a library that has no slash in its name.
 * Source: ld.so(8), glibc's elf/dl-load.c; musl's ldso/dynlink.c.
 */
export class LibrarySearch {
  readonly #root: TargetRoot;
  readonly #machine: "x86_64" | "aarch64";
  readonly #folders: string[];
  readonly #configured: string[] = [];
  readonly #libraryPath: readonly string[];
  readonly #isMusl: boolean;

  /** @param libraryPath folders of LD_LIBRARY_PATH in the environment of the target */
  constructor(
    root: TargetRoot,
    machine: "x86_64" | "aarch64",
    interpreter: string | undefined,
    libraryPath: readonly string[],
  ) {
    this.#libraryPath = libraryPath;
    this.#root = root;
    this.#machine = machine;
    const triplet = `${machine}-linux-gnu`;
    const isMusl = interpreter?.includes("ld-musl") === true;
    this.#isMusl = isMusl;
    if (isMusl) {
      const file = `/etc/ld-musl-${machine}.path`;
      const own = root
        .text(file)
        .split(/[\n:]/)
        .filter(f => f.startsWith("/"));
      this.#folders =
        own.length > 0
          ? own
          : [
              "/lib",
              "/usr/local/lib",
              "/usr/lib",
              `/lib/${machine}-linux-musl`,
              `/usr/lib/${machine}-linux-musl`,
            ];
    } else {
      configured(root, "/etc/ld.so.conf", new Set(), this.#configured);
      this.#folders = [
        ...this.#configured,
        `/lib/${triplet}`,
        `/usr/lib/${triplet}`,
        ...(machine === "x86_64" ? ["/lib64", "/usr/lib64"] : []),
        "/lib",
        "/usr/lib",
      ];
    }
  }

  /** The folders that belong to no program in particular. */
  get folders(): readonly string[] {
    return this.#folders;
  }

  /**
   * Path of the library `name` as `from` would get it; `chain` are the files that led to `from`, the program last.
   * Undefined when nothing fits.
   */
  find(name: string, from: ElfFile, chain: readonly ElfFile[]): string | undefined {
    if (name.includes("/")) {
      const own = this.#expand(name, from);
      return this.#fits(own) ? own : undefined;
    }
    const folders: string[] = [];
    if (from.dynamic?.runpath === undefined) {
      for (const file of [from, ...chain]) {
        if (file.dynamic?.runpath === undefined) folders.push(...this.#split(file.dynamic?.rpath, file));
      }
    }
    folders.push(
      ...this.#libraryPath.map(folder => this.#expand(folder, from)),
      ...this.#split(from.dynamic?.runpath, from),
      ...this.#folders,
    );
    for (const folder of folders) {
      const candidate = path.posix.join(folder, name);
      if (this.#fits(candidate)) return candidate;
    }
    return undefined;
  }

  /**
   * The builds for newer processors of a library that was found: glibc takes one of them in its place where the machine
   * has what it needs. Source: ld.so(8), "Hardware capabilities".
   */
  variants(found: string): string[] {
    if (this.#isMusl) return [];
    const folder = path.posix.join(path.posix.dirname(found), "glibc-hwcaps");
    const name = path.posix.basename(found);
    return this.#root
      .list(folder)
      .map(level => path.posix.join(folder, level, name))
      .filter(candidate => this.#fits(candidate));
  }

  #split(list: string | undefined, file: ElfFile): string[] {
    if (list === undefined) return [];
    return list
      .split(":")
      .slice(0, 64)
      .filter(entry => entry !== "")
      .map(entry => this.#expand(entry, file));
  }

  #expand(text: string, file: ElfFile): string {
    const origin = path.posix.dirname(this.#root.resolve(file.path)?.path ?? file.path);
    return text
      .replace(/\$\{ORIGIN\}|\$ORIGIN/g, origin)
      .replace(/\$\{LIB\}|\$LIB/g, `lib/${this.#machine}-linux-gnu`)
      .replace(/\$\{PLATFORM\}|\$PLATFORM/g, this.#machine);
  }

  /** ld.so passes over files of another machine. */
  #fits(name: string): boolean {
    const found = this.#root.resolve(name);
    if (found?.kind !== "file") return false;
    try {
      const bytes = this.#root.read(name, 64);
      const machine = (bytes[18] ?? 0) | ((bytes[19] ?? 0) << 8);
      return bytes[0] === 0x7f && bytes[4] === 2 && machine === (this.#machine === "x86_64" ? 62 : 183);
    } catch {
      return false;
    }
  }
}
