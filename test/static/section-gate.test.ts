import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";
import { analyzeFile } from "../../src/static/analyze.ts";
import { ModuleStore } from "../../src/static/load/modules.ts";
import { repository } from "../support/compile.ts";
import { testWith } from "../support/needs.ts";

const SOURCES = path.join(repository, "testdata/static/library");
const LIBRARY = "tables.c";
/** Position-independent and not: the second has a copy of its own of a library's object. */
const BUILDS = { pie: ["-O2", "-fPIC"], nopie: ["-O2", "-no-pie", "-fno-pic"] };

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-section-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function gcc(...args: string[]): void {
  const result = spawnSync("gcc", ["-w", "-s", ...args], { encoding: "utf8" });
  assert.equal(result.status, 0, `gcc ${args.join(" ")}: ${result.stderr}`);
}

function said(text: string, key: string): string[] {
  return new RegExp(`^// ${key}: (.*)$`, "m").exec(text)?.[1]?.split(" ") ?? [];
}

for (const name of readdirSync(SOURCES).filter(n => n.endsWith(".c") && n !== LIBRARY)) {
  for (const [build, flags] of Object.entries(BUILDS)) {
    testWith(["program:gcc"], `a library's tables, ${name} ${build}`, () => {
      const library = path.join(folder, "libtables.so");
      gcc("-O2", "-shared", "-fPIC", "-Wl,-soname,libtables.so", "-o", library, path.join(SOURCES, LIBRARY));
      const program = path.join(folder, `${name}-${build}`);
      gcc(...flags, `-Wl,-rpath,${folder}`, "-o", program, path.join(SOURCES, name), library);
      const { evidence } = analyzeFile(
        program,
        { root: "/", hints: { dlopen: [], resolve: new Map() }, assumeExec: [], phases: false, tool: "test" },
        new ModuleStore(),
      );
      const found = new Set(evidence.observations.map(o => o.syscall));
      const text = readFileSync(path.join(SOURCES, name), "utf8");
      const wanted = said(text, "finds");
      const absent = said(text, "absent");
      assert.ok(wanted.length + absent.length > 0);
      for (const call of wanted) assert.ok(found.has(call), `${call} is not found`);
      for (const call of absent) assert.ok(!found.has(call), `${call} is found`);
    });
  }
}
