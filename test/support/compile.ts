import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";

/** The repository, seen from the compiled tests in .build/test/support. */
export const repository: string = path.resolve(import.meta.dirname, "../../..");

/** A folder that ends with the test. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Compiles a C program of testdata/ for the time of the test; returns its path. */
export function compile(context: TestContext, source: string, ...flags: string[]): string {
  const program = path.join(temporaryFolder(context), path.basename(source, ".c"));
  const args = [
    "-O1",
    "-Wall",
    "-Werror",
    ...flags,
    "-o",
    program,
    path.join(repository, "testdata", source),
  ];
  const result = spawnSync("gcc", args, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`gcc ${source}: ${result.stderr}`);
  return program;
}

/** Compiles C without the C library to a file, whose folder is made; returns the file. */
export function compileBare(file: string, text: string, ...flags: string[]): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.c`, text);
  const args = ["-w", "-O2", "-nostdlib", "-o", file, `${file}.c`, ...flags];
  const result = spawnSync("gcc", args, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`gcc ${file}: ${result.stderr}`);
  return file;
}
