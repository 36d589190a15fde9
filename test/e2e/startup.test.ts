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

/** Processor time of so many starts, which hardly depends on what else runs; bench/overhead.js shows times by the clock. */
function processorSeconds(args: readonly string[]): number {
  const loop = `i=0; while [ $i -lt ${ROUNDS} ]; do "$@" > /dev/null || exit 1; i=$((i + 1)); done; times`;
  const result = spawnSync("sh", ["-c", loop, "sh", process.execPath, ...args], { encoding: "utf8" });
  assert.equal(result.status, 0, result.stderr);
  const [, children = ""] = result.stdout.trim().split("\n");
  const times = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  assert.equal(times.length, 2, result.stdout);
  return times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

test("--version and --help start in at most twice the time of node itself", () => {
  const bare = processorSeconds(["-e", "0"]);
  for (const option of ["--version", "--help"]) {
    const own = processorSeconds([PROGRAM, option]);
    assert.ok(own <= MOST * bare, `${option}: ${own} s, node: ${bare} s, ${ROUNDS} starts`);
  }
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
