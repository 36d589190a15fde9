import path from "node:path";
import { InputError } from "../errors.ts";
import type { Source } from "../engine/runc/source.ts";
import { TargetRoot } from "../static/load/root.ts";

const USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const ELF = Buffer.from("\u007fELF", "latin1");
const SCRIPT = Buffer.from("#!", "latin1");

/** The value of a variable; the last one counts, as for execve(2). */
function variable(env: readonly string[], name: string): string | undefined {
  return env.findLast(entry => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

interface Place {
  readonly root: TargetRoot;
  readonly path: readonly string[];
  readonly workdir: string;
}

function isProgram({ root }: Place, file: string): boolean {
  if (!root.isFile(file)) return false;
  const bytes = Buffer.from(root.read(file, ELF.length));
  return bytes.equals(ELF) || bytes.subarray(0, SCRIPT.length).equals(SCRIPT);
}

function find(place: Place, word: string): string | undefined {
  const candidates = word.includes("/")
    ? [path.posix.resolve(place.workdir, word)]
    : place.path.map(folder => path.posix.join(folder, word));
  return candidates.find(file => isProgram(place, file));
}

/** Words of a command that may name programs: of a shell's script each word, otherwise each argument. */
function wordsOf(command: readonly string[]): string[] {
  return command.flatMap((argument, index) =>
    command[index - 1] === "-c" ? argument.split(/[\s;|&()'"]+/) : [argument],
  );
}

/**
 * The programs that an image starts: what its entrypoint and its command name first, and whatever else in them is a
 * program of the image, since `tini -- server` and `docker-entrypoint.sh server` execute what follows.
 * @param given programs to take instead, by path or name in the image
 * @throws InputError when the image has no such program, or names none
 */
export function programsOfImage(source: Source, image: string, given: readonly string[]): string[] {
  const { config, bundle } = source;
  const bundleEnv = bundle?.process?.["env"];
  const env = Array.isArray(bundleEnv) ? bundleEnv.map(String) : config.env;
  const place: Place = {
    root: new TargetRoot(source.lower),
    path: (variable(env, "PATH") ?? USUAL_PATH).split(":"),
    workdir: config.workdir,
  };
  const absent = (word: string): never => {
    throw new InputError(`has no program ${word}`, { file: image });
  };
  if (given.length > 0) return given.map(word => find(place, word) ?? absent(word));
  const command = bundle?.process?.args ?? [...config.entrypoint, ...config.cmd];
  const [first, ...rest] = wordsOf(command);
  if (first === undefined)
    throw new InputError("names no program that it starts; say which with --binary", { file: image });
  const found = [find(place, first) ?? absent(first), ...rest.map(word => find(place, word))];
  return [...new Set(found.filter(file => file !== undefined))];
}
