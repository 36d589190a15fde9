import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const ROOT: string = path.resolve(import.meta.dirname, "../../..");

/** A folder that is removed when the test ends. */
export function temporaryFolder(context: { after(body: () => void): void }): string {
  const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Compiles testdata/programs/NAME.c into a folder and returns the program's path. */
export function compileProgram(folder: string, name: string, flags: readonly string[] = []): string {
  const output = path.join(folder, name);
  const source = path.join(ROOT, "testdata/programs", `${name}.c`);
  const result = spawnSync("gcc", ["-O1", "-w", "-o", output, source, "-pthread", ...flags], {
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(`gcc ${name}: ${result.stderr}`);
  return output;
}
