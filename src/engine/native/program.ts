import { accessSync, constants, existsSync, statSync } from "node:fs";
import path from "node:path";
import { InputError } from "../../errors.ts";

/** Where execvp(3) looks when there is no PATH. */
const DEFAULT_PATH = "/bin:/usr/bin";

type Obstacle = "no such file" | "permission denied" | "is a directory" | "not a regular file";

function obstacle(file: string): Obstacle | undefined {
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) return "is a directory";
    if (!stat.isFile()) return "not a regular file";
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES" ? "permission denied" : "no such file";
  }
}

/**
 * The absolute path of the file that execvp(3) would run for `name` in `directory`, searched before any filter is
 * loaded, so that the search is no part of what the target needs.
 * @throws InputError that says why there is none.
 */
export function resolveProgram(name: string, searchPath: string | undefined, directory: string): string {
  if (name === "") throw new InputError("the command is empty");
  if (name.includes("/")) {
    const file = path.resolve(directory, name);
    const reason = obstacle(file);
    if (reason !== undefined) throw new InputError(`${name}: ${reason}`);
    return file;
  }
  let forbidden: string | undefined;
  for (const folder of (searchPath ?? DEFAULT_PATH).split(":")) {
    const file = path.resolve(directory, folder, name);
    const reason = obstacle(file);
    if (reason === undefined) return file;
    // A folder that we may not even look into is nothing that the user would want to hear of.
    if (reason === "permission denied" && existsSync(file)) forbidden ??= file;
  }
  if (forbidden !== undefined) throw new InputError(`${name}: permission denied (${forbidden})`);
  throw new InputError(`${name}: not found on PATH`);
}
