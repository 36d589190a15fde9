import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { analyzeFile } from "../../src/static/analyze.ts";
import type { Module } from "../../src/static/code/module.ts";
import { ModuleStore } from "../../src/static/load/modules.ts";
import { TargetRoot } from "../../src/static/load/root.ts";
import { Summaries } from "../../src/static/summaries.ts";
import { repository, temporaryFolder } from "../support/compile.ts";

const OPTIONS = {
  root: "/",
  hints: { dlopen: [], resolve: new Map<string, readonly string[]>() },
  assumeExec: [],
  phases: true,
  tool: "test",
};

/** Analyses a program with the summaries in a folder; returns the evidence as text, and how many functions were read. */
function analyze(program: string, folder: string): { evidence: string; read: number } {
  const modules: Module[] = [];
  const store = new (class extends ModuleStore {
    override load(file: string, bytes: Uint8Array): Module {
      const module = super.load(file, bytes);
      modules.push(module);
      return module;
    }
  })(new Summaries(folder, "this build"));
  const { evidence } = analyzeFile(program, OPTIONS, store, new TargetRoot("/"));
  store.save();
  const libc = modules.find(m => m.name === "libc.so.6");
  return { evidence: JSON.stringify(evidence), read: libc?.newScans ?? -1 };
}

test("what one program shows of a library serves the next, and changes no result", context => {
  const folder = temporaryFolder(context);
  const without = JSON.stringify(analyzeFile("/bin/ls", OPTIONS).evidence);
  const first = analyze("/bin/true", folder);
  assert.ok(first.read > 500, `${first.read}`);
  const second = analyze("/bin/ls", folder);
  assert.equal(second.evidence, without);
  const alone = analyze("/bin/ls", temporaryFolder(context));
  assert.ok(alone.read - second.read > 500, `${second.read} instead of ${alone.read}`);
  assert.equal(analyze("/bin/true", folder).read, 0);
});

test("a damaged summary is none", context => {
  const folder = temporaryFolder(context);
  const { evidence, read } = analyze("/bin/true", folder);
  const files = readdirSync(folder).map(name => path.join(folder, name));
  assert.ok(files.length > 0);
  const damages: ((bytes: Buffer) => Buffer)[] = [
    bytes => bytes.subarray(0, bytes.length >> 1),
    () => Buffer.alloc(0),
    bytes => Buffer.from(bytes).fill(0xff, 40, 60),
    () => Buffer.alloc(4096),
  ];
  for (const damage of damages) {
    for (const file of files) writeFileSync(file, damage(readFileSync(file)));
    assert.deepEqual(analyze("/bin/true", folder), { evidence, read });
  }
});

/** What a process of its own prints. */
async function run(cache: string, ...words: string[]): Promise<string> {
  const child = spawn(process.execPath, [path.join(repository, "bin/seccraft.js"), "analyze", ...words], {
    env: { ...process.env, XDG_CACHE_HOME: cache },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  assert.deepEqual(await once(child, "close"), [0, null]);
  return text;
}

test("processes that write summaries at once leave whole ones", async context => {
  const folder = temporaryFolder(context);
  await Promise.all(["/bin/true", "/bin/ls", "/bin/cat", "/bin/ps"].map(program => run(folder, program)));
  const names = readdirSync(path.join(folder, "seccraft/static/functions"));
  assert.ok(names.length > 0 && names.every(name => name.endsWith(".bin")), names.join(" "));
  // Another question about the same program: its result is not known yet, its functions are.
  const question = ["--json", "--phase", "main", "/bin/ps"];
  assert.equal(await run(folder, ...question), await run(folder, "--no-cache", ...question));
});
