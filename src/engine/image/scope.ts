import { lstatSync, mkdirSync, readlinkSync, type Stats } from "node:fs";
import path from "node:path";
import { InputError } from "../../errors.ts";

const MOST_LINKS = 40;
const LONGEST_NAME = 255;
const LONGEST_PATH = 4096;

/** Undefined when there is nothing. */
export function lstat(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * The parts of a path as it stands in an archive, without `.`, empty parts and a leading slash.
 * @throws InputError for one that leads out, or that no file system takes.
 */
export function pathParts(name: string): string[] {
  const parts = name.split("/").filter(part => part !== "" && part !== ".");
  if (parts.includes("..")) throw new InputError("its path leads out of the image");
  if (name.includes("\0")) throw new InputError("its path holds a NUL");
  if (Buffer.byteLength(name) > LONGEST_PATH || parts.some(part => Buffer.byteLength(part) > LONGEST_NAME))
    throw new InputError("its path is longer than Linux allows");
  return parts;
}

/**
 * Follows a folder's path as a process would whose root is `root`: symbolic links, absolute ones and `..` too, stay
 * inside. Good only as long as nobody else changes what is below `root`.
 * @param make make what is missing, as folders; else undefined comes back
 * @throws InputError when a part is no folder, or links go round in a circle.
 */
export function folderInside(root: string, parts: readonly string[], make: boolean): string | undefined {
  const todo = [...parts].reverse();
  let at: string[] = [];
  let links = 0;
  while (todo.length > 0) {
    const part = todo.pop() ?? "";
    if (part === "..") {
      at = at.slice(0, -1);
      continue;
    }
    const here = path.join(root, ...at, part);
    const stat = lstat(here);
    if (stat === undefined) {
      if (!make) return undefined;
      mkdirSync(here, { mode: 0o755 });
    } else if (stat.isSymbolicLink()) {
      if (++links > MOST_LINKS) throw new InputError("symbolic links go round in a circle");
      const target = readlinkSync(here);
      if (target.startsWith("/")) at = [];
      todo.push(
        ...target
          .split("/")
          .filter(step => step !== "" && step !== ".")
          .reverse(),
      );
      continue;
    } else if (!stat.isDirectory()) {
      throw new InputError(`${path.join("/", ...at, part)} is not a folder`);
    }
    at.push(part);
  }
  return path.join(root, ...at);
}

/** A file's path as a process would find it whose root is `root`; undefined when it is not a regular file there. */
export function fileInside(root: string, name: string): string | undefined {
  let parts = pathParts(name);
  for (let links = 0; links <= MOST_LINKS; links++) {
    const folder = folderInside(root, parts.slice(0, -1), false);
    const last = parts.at(-1);
    if (folder === undefined || last === undefined) return undefined;
    const file = path.join(folder, last);
    const stat = lstat(file);
    if (stat?.isSymbolicLink() !== true) return stat?.isFile() === true ? file : undefined;
    const target = readlinkSync(file);
    const base = target.startsWith("/") ? [] : path.relative(root, folder).split("/");
    parts = resolveDots([...base, ...target.split("/")]);
  }
  return undefined;
}

/** Only lexically: good enough for the few files that are looked up by name, which link to files beside them. */
function resolveDots(parts: readonly string[]): string[] {
  const result: string[] = [];
  for (const part of parts) {
    if (part === "..") result.pop();
    else if (part !== "" && part !== ".") result.push(part);
  }
  return result;
}
