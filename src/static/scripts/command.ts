import path from "node:path";
import { InputError } from "../../errors.ts";
import type { TargetRoot } from "../load/root.ts";
import type { Language } from "./asked-by-name.ts";

const MOST_STEPS = 8;
const USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** What executes the command that follows, and stays what it is. */
const WRAPPERS = /^(?:tini|dumb-init|docker-init|env)$/;

/** How a target is started. */
export interface Start {
  readonly argv: readonly string[];
  /** Path inside the root. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A command that has an interpreter run something. */
export interface ScriptCommand {
  readonly language: Language;
  /** Canonical path of the interpreter, and the path by which it is executed. */
  readonly interpreter: string;
  readonly invoked: string;
  /** Its options, and what it runs. */
  readonly words: readonly string[];
}

function languageOf(program: string): Language | undefined {
  const name = path.posix.basename(program);
  if (/^python[\d.]*$/.test(name)) return "python";
  return /^node(?:js)?$/.test(name) ? "node" : undefined;
}

/** The path of a program as execvp() would find it. */
function lookUp(root: TargetRoot, name: string, { directory, env }: Start): string | undefined {
  const folders = name.includes("/") ? [""] : (env["PATH"] ?? USUAL_PATH).split(":");
  return folders
    .map(folder => path.posix.resolve(directory, folder, name))
    .find(candidate => root.isFile(candidate));
}

/** Programs may be executable without being readable. */
function beginningOf(root: TargetRoot, file: string): string {
  try {
    return Buffer.from(root.read(file, 256)).toString("latin1");
  } catch (error) {
    if (error instanceof InputError) return "";
    throw error;
  }
}

/** The words of a `#!` line, at most two: all after the interpreter is one argument. */
function shebangOf(root: TargetRoot, file: string): readonly string[] | undefined {
  const [line = ""] = beginningOf(root, file).split("\n");
  const found = /^#![ \t]*(\S+)[ \t]*(.*?)[ \t]*$/.exec(line);
  if (found === null) return undefined;
  const [, program = "", argument = ""] = found;
  return argument === "" ? [program] : [program, argument];
}

/** What remains of a command when a wrapper and its options are taken away. */
function unwrapped([, ...words]: readonly string[]): readonly string[] {
  // env -S takes one word for a whole command, as in `#!/usr/bin/env -S python3 -u`.
  const all = words.flatMap(word => (/^-S|^--split-string=/.test(word) ? word.split(/\s+/) : [word]));
  const plain = all.map(word => word.replace(/^(?:-S|--split-string=)/, "")).filter(word => word !== "");
  const start = plain.findIndex(word => !word.startsWith("-") && !/^\w+=/.test(word));
  return start < 0 ? [] : plain.slice(start);
}

/** The interpreter that a target starts as, if it is one whose scripts can be read. */
export function scriptCommand(root: TargetRoot, start: Start): ScriptCommand | undefined {
  let { argv } = start;
  for (let step = 0; step < MOST_STEPS; step++) {
    const [name] = argv;
    const invoked = name === undefined ? undefined : lookUp(root, name, start);
    const interpreter = invoked === undefined ? undefined : root.resolve(invoked)?.path;
    if (invoked === undefined || interpreter === undefined) return undefined;
    const shebang = shebangOf(root, interpreter);
    const language = languageOf(interpreter);
    if (shebang !== undefined) argv = [...shebang, invoked, ...argv.slice(1)];
    else if (language !== undefined) return { language, interpreter, invoked, words: argv.slice(1) };
    else if (WRAPPERS.test(path.posix.basename(invoked))) argv = unwrapped(argv);
    else return undefined;
  }
  return undefined;
}
