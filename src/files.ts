import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { InputError } from "./errors.ts";

/**
 * Writes a file whole or not at all: readers see the old content or the new one, also when we are killed.
 * @throws InputError when it cannot be written there
 */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, file);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new InputError(
      `cannot be written (${(cause as NodeJS.ErrnoException).code ?? "unknown"})`,
      { file },
      { cause },
    );
  }
}

/** @throws InputError when there is none and none can be made */
export function ensureFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new InputError(
      `no folder can be made there (${(cause as NodeJS.ErrnoException).code ?? "unknown"})`,
      { file: folder },
      { cause },
    );
  }
}
