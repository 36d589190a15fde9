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

type Kind = "file" | "directory" | "other" | undefined;

/**
 * The file system of the target: everything below one folder. Symbolic links are followed as the target would follow
 * them; they, and `..`, never lead out of it.
 */
export class TargetRoot {
  /** Absolute path on this machine, without a slash at the end; empty for `/`. */
  readonly host: string;
  readonly #resolved = new Map<string, { path: string; kind: Kind }>();

  constructor(directory: string) {
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
    }
    return { path: at === "" ? "/" : at, kind };
  }

  isFile(name: string): boolean {
    return this.resolve(name)?.kind === "file";
  }

  /** Names in a folder, sorted; none if it is not a folder or cannot be read. */
  list(name: string): string[] {
    const found = this.resolve(name);
    if (found?.kind !== "directory") return [];
    try {
      return readdirSync(`${this.host}${found.path}`).sort();
    } catch {
      return [];
    }
  }

  /** The bytes of a regular file, or its first `most`. Throws `InputError` when there is none or it cannot be read. */
  read(name: string, most: number = MAX_FILE): Uint8Array {
    const found = this.resolve(name);
    if (found === undefined) throw new InputError("no such file", { file: name });
    if (found.kind !== "file") throw new InputError("not a regular file", { file: name });
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
      const bytes = Buffer.allocUnsafeSlow(wanted);
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
