import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { TargetError } from "../../errors.ts";

/** Where execvp(3) looks when there is no PATH. */
const DEFAULT_PATH = "/bin:/usr/bin";

function isDirectory(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function obstacle(file: string): "missing" | "forbidden" | undefined {
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES" ? "forbidden" : "missing";
  }
  if (stat === undefined) return "missing";
  if (!stat.isFile()) return "forbidden";
  try {
    accessSync(file, constants.X_OK);
    return undefined;
  } catch {
    return "forbidden";
  }
}

/**
 * The absolute path of the file that execvp(3) would run for `name` in `directory`, searched before any filter is
 * loaded, so that the search is no part of what the target needs.
 * @throws TargetError that says why there is none.
 */
export function resolveProgram(name: string, searchPath: string | undefined, directory: string): string {
  if (name === "") throw new TargetError("the command is empty");
  if (name.includes("/")) {
    const file = path.resolve(directory, name);
    const reason = obstacle(file);
    if (reason === undefined) return file;
    if (isDirectory(file)) throw new TargetError(`${name}: is a directory`);
    throw new TargetError(`${name}: ${reason === "missing" ? "no such file" : "permission denied"}`);
  }
  let forbidden: string | undefined;
  for (const folder of (searchPath ?? DEFAULT_PATH).split(":")) {
    const file = path.resolve(directory, folder, name);
    const reason = obstacle(file);
    if (reason === undefined) return file;
    if (reason === "forbidden" && !isDirectory(file)) forbidden ??= file;
  }
  if (forbidden !== undefined) throw new TargetError(`${name}: permission denied (${forbidden})`);
  throw new TargetError(`${name}: not found on PATH`);
}
