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

interface Loaded {
  readonly packages: readonly string[];
  /** Sources of ours below dist/, as the bundler notes them in the files that it joins them to. */
  readonly sources: readonly string[];
  readonly files: number;
}

/** All that a run loads. */
function loaded(args: readonly string[]): Loaded {
  const env = { ...process.env, NODE_DEBUG: "esm,module" };
  const { stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8", env });
  const modules = [...new Set(stderr.match(/(?:dist|node_modules)\/[\w@./-]+\.(?:m?js|cjs|node)\b/g) ?? [])];
  const own = modules.filter(name => name.startsWith("dist/"));
  return {
    packages: [...new Set(modules.map(name => /^node_modules\/([^/]+)/.exec(name)?.[1] ?? ""))]
      .filter(name => name !== "")
      .sort(),
    sources: own.flatMap(name =>
      [...readFileSync(path.join(ROOT, name), "utf8").matchAll(/^\/\/ dist\/(.*)$/gm)].map(m => m[1] ?? ""),
    ),
    files: own.length,
  };
}

test("--help loads commander and colours, and no room but the command line's", () => {
  const { packages, sources } = loaded(["--help"]);
  assert.ok(sources.includes("cli/program.js"), sources.join(" "));
  assert.deepEqual(packages, ["commander", "picocolors"]);
  assert.deepEqual(
    sources.filter(name => /^(linux|record|craft|static|bpf|output)\//.test(name)),
    [],
  );
});

test("analyze loads a few files, and neither what touches the kernel nor what draws tables", () => {
  const { packages, sources, files } = loaded(["analyze", "--no-cache", "--format", "names", "/bin/true"]);
  assert.ok(sources.includes("static/analyze.js"), sources.join(" "));
  assert.ok(files < 40, `${files} files`);
  assert.deepEqual(packages, ["commander", "picocolors"]);
  assert.deepEqual(
    sources.filter(name => /^(linux|record|craft|engine)\//.test(name)),
    [],
  );
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
