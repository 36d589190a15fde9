import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";
import type { Evidence } from "../../src/evidence/model.ts";
import { analyzeFile } from "../../src/static/analyze.ts";
import { ModuleStore } from "../../src/static/load/modules.ts";
import { repository } from "../support/compile.ts";
import { testWith, type Need } from "../support/needs.ts";

const SOURCES = path.join(repository, "testdata/static/c");

/** Ways to compile: the compiler for C, and flags. */
const BUILDS: Readonly<Record<string, readonly string[]>> = {
  O0: ["-O0"],
  O2: ["-O2", "-s"],
  static: ["-O2", "-static", "-s"],
  nopie: ["-O2", "-no-pie", "-s"],
  shared: ["-O2", "-shared", "-fPIC", "-Wl,-soname,libtest.so", "-s"],
  relr: ["-O2", "-Wl,-z,pack-relative-relocs"],
  "O0-rdynamic": ["-O0", "-rdynamic"],
  "O2-rdynamic": ["-O2", "-rdynamic"],
  musl: ["-O2", "-s"],
  "musl-static": ["-O2", "-static", "-s"],
};

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-static-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const store = new ModuleStore();

/** Words after `// KEY:` in a source. */
function said(text: string, key: string): string[] {
  const line = new RegExp(`^// ${key}: (.*)$`, "m").exec(text)?.[1] ?? "";
  return line.split(/\s+/).filter(word => word !== "");
}

function compile(source: string, build: string): string {
  const out = path.join(folder, `${path.basename(source)}-${build}`);
  const compiler = build.startsWith("musl") ? "musl-gcc" : source.endsWith(".cc") ? "g++" : "gcc";
  const args = ["-w", ...(BUILDS[build] ?? []), "-o", out, source];
  const result = spawnSync(compiler, args, { encoding: "utf8" });
  assert.equal(result.status, 0, `${compiler} ${args.join(" ")}: ${result.stderr}`);
  return out;
}

function namesOf(evidence: Evidence): Set<string> {
  return new Set(
    evidence.observations.flatMap(o => (o.abi === "x86_64" ? [o.syscall] : [`${o.abi}:${o.syscall}`])),
  );
}

/** What is said after `// gap:` is a gap of this kind, in this function and, where one is named, at a call of that one. */
function checkGap(evidence: Evidence, program: string, [kind, inside, called]: string[]): void {
  if (kind === undefined) return;
  const [gap, ...others] = evidence.gaps.filter(g => g.kind === kind);
  assert.deepEqual(others, []);
  assert.equal(gap?.place?.file, program);
  const functions = symbolsOf(program);
  if (functions.size > 0) assert.equal(gap.place.function, inside);
  assert.ok(gap.path?.some(step => step.file === program && step.function !== gap.place?.function));
  if (called !== undefined)
    assert.match(instructionAt(program, Number(gap.place.address)), new RegExp(`<${called}@plt>`));
}

/** Names of functions that a program still has. */
function symbolsOf(program: string): Set<string> {
  const { stdout } = spawnSync("nm", ["-a", program], { encoding: "utf8" });
  return new Set(stdout.split("\n").flatMap(line => / [tT] (\w+)$/.exec(line)?.[1] ?? []));
}

function instructionAt(program: string, address: number): string {
  const args = ["-d", `--start-address=${address}`, `--stop-address=${address + 5}`, program];
  const { stdout } = spawnSync("objdump", args, { encoding: "utf8" });
  return stdout.trim().split("\n").at(-1) ?? "";
}

for (const name of readdirSync(SOURCES)
  .filter(n => /\.cc?$/.test(n))
  .sort()) {
  const source = path.join(SOURCES, name);
  const text = readFileSync(source, "utf8");
  const builds = said(text, "builds");
  for (const build of builds.length === 0 ? ["O0", "O2"] : builds) {
    const needs: Need[] = build.startsWith("musl") ? ["program:musl-gcc"] : ["program:gcc", "program:g++"];
    testWith(needs, `${name} ${build}`, () => {
      const program = compile(source, build);
      const { evidence } = analyzeFile(
        program,
        {
          root: "/",
          hints: { dlopen: [], resolve: new Map() },
          assumeExec: [],
          phases: false,
          tool: "test",
        },
        store,
      );
      const found = namesOf(evidence);
      for (const wanted of said(text, "finds")) assert.ok(found.has(wanted), `${wanted} is not found`);
      const gaps = evidence.gaps.filter(g => g.place?.file === program && g.kind !== "executes");
      for (const wanted of said(text, "finds or gap")) {
        assert.ok(found.has(wanted) || gaps.length > 0, `${wanted} is neither found nor a gap`);
      }
      const anywhere = evidence.gaps.filter(g => g.kind === "unresolved-site");
      for (const wanted of said(text, "finds or gap anywhere")) {
        assert.ok(found.has(wanted) || anywhere.length > 0, `${wanted} is neither found nor a gap`);
      }
      const least = Number(said(text, "unresolved")[0] ?? 0);
      assert.ok(anywhere.length >= least, `${anywhere.length} unresolved sites instead of ${least}`);
      checkGap(evidence, program, said(text, "gap"));
      for (const kind of said(text, "no gap")) {
        assert.deepEqual(
          evidence.gaps.filter(g => g.kind === kind),
          [],
        );
      }
      for (const absent of said(text, "absent")) assert.ok(!found.has(absent), `${absent} is found`);
    });
  }
}
