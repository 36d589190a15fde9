import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { PROGRAM } from "../support/cli.ts";
import { ROOT } from "../support/programs.ts";

const ROUNDS = 15;
/** Of the times that a bare `node -e 0` takes. */
const MOST = 2;

function milliseconds(args: readonly string[]): number {
  const started = performance.now();
  assert.equal(spawnSync(process.execPath, args, { stdio: "ignore" }).status, 0);
  return performance.now() - started;
}

/** The least of several, since others may use the machine at the same time: bench/overhead.js shows medians. */
test("--version and --help start in at most twice the time of node itself", () => {
  const cases = { bare: ["-e", "0"], version: [PROGRAM, "--version"], help: [PROGRAM, "--help"] };
  const least = { bare: Infinity, version: Infinity, help: Infinity };
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ["bare", "version", "help"] as const) {
      least[name] = Math.min(least[name], milliseconds(cases[name]));
    }
  }
  assert.ok(least.version <= MOST * least.bare, JSON.stringify(least));
  assert.ok(least.help <= MOST * least.bare, JSON.stringify(least));
});

/** All modules of ours and of packages that a run loads. */
function loaded(args: readonly string[]): string[] {
  const env = { ...process.env, NODE_DEBUG: "esm,module" };
  const { stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8", env });
  return [...new Set(stderr.match(/(?:dist|node_modules)\/[\w@./-]+\.(?:m?js|cjs|node)\b/g) ?? [])];
}

test("--help loads commander and colours, and no room but the command line's", () => {
  const modules = loaded(["--help"]);
  assert.ok(
    modules.some(name => name.includes("dist/cli/program.js")),
    modules.join(" "),
  );
  const packages = new Set(
    modules.filter(name => name.startsWith("node_modules/")).map(name => name.split("/")[1]),
  );
  assert.deepEqual([...packages].sort(), ["commander", "picocolors"]);
  const rooms = modules.filter(name => /^dist\/(linux|record|craft|static|bpf|output)\//.test(name));
  assert.deepEqual(rooms, []);
});

const IMPORT = /(?:^|\n)(?:import|export)\s+(?!type\b)(?:[^;]*?\sfrom\s+)?"(\.[^"]+)"/g;

/** The files that a module needs, types aside. */
function needs(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, name = ""] of readFileSync(file, "utf8").matchAll(IMPORT))
    needs(path.resolve(path.dirname(file), name), seen);
  return seen;
}

test("what works on profiles and binaries needs no kernel", () => {
  const src = path.join(ROOT, "src");
  for (const entry of [
    "profile/parse.ts",
    "profile/print.ts",
    "profile/derive.ts",
    "profile/compile.ts",
    "profile/verdict.ts",
    "bpf/interpret.ts",
    "evidence/codec.ts",
    "output/format.ts",
    "static/analyze.ts",
    "index.ts",
  ]) {
    const files = [...needs(path.join(src, entry))].map(file => path.relative(src, file));
    assert.ok(files.length > 1, entry);
    assert.deepEqual(
      files.filter(file => /^(linux|record|engine|craft)\//.test(file)),
      [],
      entry,
    );
  }
});
