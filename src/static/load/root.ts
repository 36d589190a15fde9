import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from "node:fs";
import path from "node:path";
import { InputError } from "../../errors.ts";

const MAX_LINKS = 40;
/** Larger files are refused: nothing that is run is. */
const MAX_FILE = 2_000_000_000;

/** Where another thread gains more than it takes from the engine's own, which compile and collect. */
const SHARED = 1 << 24;

/** Questions about a file system and their answers: names, folders and files, each as text. */
export interface Journal {
  readonly resolved: readonly (readonly [name: string, path: string, kind: string])[];
  readonly listed: readonly (readonly [name: string, digest: string])[];
  readonly read: readonly (readonly [path: string, identity: string])[];
}

type Kind = "file" | "directory" | "other" | undefined;

/**
 * The file system of the target: everything below one folder. Symbolic links are followed as the target would follow
 * them; they, and `..`, never lead out of it.
 */
export class TargetRoot {
  /** Absolute path on this machine, without a slash at the end; empty for `/`. */
  readonly host: string;
  readonly #resolved = new Map<string, { path: string; kind: Kind }>();
  /** Canonical paths that are folders. */
  readonly #directories = new Set<string>();
  readonly #listed = new Map<string, string>();
  readonly #read = new Map<string, string>();
  readonly #shared: number;

  /** @param shared files of this many bytes and more are read into memory that threads can share */
  constructor(directory: string, shared: number = SHARED) {
    this.#shared = shared;
    const absolute = path.resolve(directory);
    this.host = absolute === "/" ? "" : absolute;
  }

  /** The canonical path inside the root, starting with `/`, and what is there; undefined if nothing is. */
  resolve(
    name: string,
  ): { readonly path: string; readonly kind: "file" | "directory" | "other" } | undefined {
    const known = this.#resolved.get(name);
    const found = known ?? this.#walk(name);
    if (known === undefined) this.#resolved.set(name, found);
    return found.kind === undefined ? undefined : { path: found.path, kind: found.kind };
  }

  #walk(name: string): { path: string; kind: Kind } {
    const todo = name.split("/").reverse();
    let at = "";
    let kind: Kind = "directory";
    let links = 0;
    while (todo.length > 0) {
      const part = todo.pop() ?? "";
      if (part === "" || part === ".") continue;
      if (kind !== "directory") return { path: at, kind: undefined };
      if (part === "..") {
        at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
        continue;
      }
      const next = `${at}/${part}`;
      if (this.#directories.has(next)) {
        at = next;
        continue;
      }
      // Ourselves, and another process each time: nothing of the target's.
      if (next === "/proc/self" || next === "/proc/thread-self") return { path: next, kind: undefined };
      let stat: ReturnType<typeof lstatSync>;
      try {
        stat = lstatSync(this.host + next);
      } catch {
        return { path: next, kind: undefined };
      }
      if (stat.isSymbolicLink()) {
        if (++links > MAX_LINKS) return { path: next, kind: undefined };
        let to: string;
        try {
          to = readlinkSync(this.host + next);
        } catch {
          return { path: next, kind: undefined };
        }
        if (to.startsWith("/")) at = "";
        todo.push(...to.split("/").reverse());
        continue;
      }
      at = next;
      kind = stat.isDirectory() ? "directory" : stat.isFile() ? "file" : "other";
      if (kind === "directory") this.#directories.add(next);
    }
    return { path: at === "" ? "/" : at, kind };
  }

  isFile(name: string): boolean {
    return this.resolve(name)?.kind === "file";
  }

  /** Names in a folder, sorted; none if it is not a folder or cannot be read. */
  list(name: string): string[] {
    const found = this.resolve(name);
    const names = found?.kind === "directory" ? this.#names(found.path) : [];
    this.#listed.set(name, createHash("sha256").update(names.join("\0")).digest("hex"));
    return names;
  }

  #names(folder: string): string[] {
    try {
      return readdirSync(`${this.host}${folder}`).sort();
    } catch {
      return [];
    }
  }

  /** Everything that was asked of the file system so far, with the answers. Files are told apart as `make` would. */
  get journal(): Journal {
    return {
      resolved: [...this.#resolved].map(([name, { path, kind }]) => [name, path, kind ?? ""]),
      listed: [...this.#listed],
      read: [...this.#read],
    };
  }

  /** Whether the file system still answers all of that in the same way. */
  agrees(journal: Journal): boolean {
    for (const [name, where, kind] of journal.resolved) {
      const found = this.#walk(name);
      if (found.path !== where || (found.kind ?? "") !== kind) return false;
    }
    for (const [name, identity] of journal.read) if (this.#identity(name) !== identity) return false;
    for (const [name, digest] of journal.listed) {
      this.list(name);
      if (this.#listed.get(name) !== digest) return false;
    }
    return true;
  }

  /** Changes whenever the content of a file may have changed. */
  #identity(name: string): string {
    try {
      const s = lstatSync(this.host + name, { bigint: true });
      return `${s.dev}.${s.ino}.${s.size}.${s.mtimeNs}.${s.ctimeNs}`;
    } catch {
      return "";
    }
  }

  /** The bytes of a regular file, or its first `most`. Throws `InputError` when there is none or it cannot be read. */
  read(name: string, most: number = MAX_FILE): Uint8Array {
    const found = this.resolve(name);
    if (found === undefined) throw new InputError("no such file", { file: name });
    if (found.kind !== "file") throw new InputError("not a regular file", { file: name });
    if (!this.#read.has(found.path)) this.#read.set(found.path, this.#identity(found.path));
    let descriptor: number;
    try {
      descriptor = openSync(
        this.host + found.path,
        constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      );
    } catch (error) {
      throw new InputError(`cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`, {
        file: name,
      });
    }
    try {
      const { size } = fstatSync(descriptor);
      if (size > MAX_FILE) throw new InputError("larger than 2 GB", { file: name });
      const wanted = Math.min(size, most);
      const bytes =
        wanted < this.#shared ? Buffer.allocUnsafeSlow(wanted) : Buffer.from(new SharedArrayBuffer(wanted));
      let length = 0;
      while (length < wanted) {
        const got = readSync(descriptor, bytes, length, wanted - length, length);
        if (got === 0) break;
        length += got;
      }
      return bytes.subarray(0, length);
    } finally {
      closeSync(descriptor);
    }
  }

  /** The first mebibyte of a file as Latin-1 text, for configuration; empty if it cannot be read. */
  text(name: string): string {
    try {
      return Buffer.from(this.read(name, 1 << 20)).toString("latin1");
    } catch {
      return "";
    }
  }
}
