import path from "node:path";
import type { TargetRoot } from "./load/root.ts";

/** What runs a script: the interpreter, and with `env` the program that it looks up. Paths inside the root. */
export interface Interpreters {
  readonly programs: readonly string[];
  /** Names that were not found. */
  readonly missing: readonly string[];
}

/** The interpreters of a `#!` script; undefined if the bytes are none. Source: execve(2), "Interpreter scripts". */
export function scriptInterpreters(root: TargetRoot, bytes: Uint8Array): Interpreters | undefined {
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return undefined;
  const line = Buffer.from(bytes.subarray(2, 256)).toString("latin1").split("\n")[0] ?? "";
  const words = line.trim().split(/[ \t]+/);
  const [first = ""] = words;
  const programs: string[] = [];
  const missing: string[] = [];
  const add = (name: string | undefined, wanted: string): void => {
    if (name === undefined) missing.push(wanted);
    else programs.push(name);
  };
  add(root.isFile(first) ? first : undefined, first);
  if (path.posix.basename(first) === "env") {
    const wanted = words.slice(1).find(word => !word.startsWith("-") && !word.includes("="));
    if (wanted !== undefined) add(findProgram(root, wanted), wanted);
  }
  return { programs, missing };
}

/** A program by its name, as a shell with the usual PATH would find it in the root. */
export function findProgram(root: TargetRoot, name: string): string | undefined {
  if (name.includes("/")) return root.isFile(name) ? name : undefined;
  return ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    .map(folder => `${folder}/${name}`)
    .find(candidate => root.isFile(candidate));
}
