import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { InputError } from "../../src/errors.ts";
import { ReadAhead } from "../../src/static/ahead/ahead.ts";
import { analyzeFile, type AnalyzeOptions } from "../../src/static/analyze.ts";
import { ModuleStore } from "../../src/static/load/modules.ts";
import { TargetRoot } from "../../src/static/load/root.ts";
import { PROGRAM } from "../support/cli.ts";
import { mutate, tablesOf } from "../support/mutate.ts";
import { testWith } from "../support/needs.ts";
import { temporaryFolder } from "../support/compile.ts";

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-ahead-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const OPTIONS: AnalyzeOptions = {
  root: "/",
  hints: { dlopen: [], resolve: new Map<string, readonly string[]>() },
  assumeExec: [],
  phases: true,
  tool: "test",
};

/** The evidence as text, with a thread that scans functions of all files, and how many scans of it were used. */
function analyzeAhead(file: string, options: AnalyzeOptions): { evidence: string; taken: number } {
  const ahead = new ReadAhead();
  try {
    const root = new TargetRoot(options.root, 0);
    const { evidence } = analyzeFile(file, options, new ModuleStore(undefined, ahead), root);
    return { evidence: JSON.stringify(evidence), taken: ahead.taken };
  } finally {
    ahead.close();
  }
}

for (const file of [
  "/usr/sbin/nginx",
  "/usr/bin/redis-server",
  "/usr/bin/curl",
  "/usr/bin/python3.11",
  "/usr/aarch64-linux-gnu/lib/libc.so.6",
]) {
  testWith([`file:${file}`], `a thread that scans ahead changes nothing of what is found in ${file}`, () => {
    const without = JSON.stringify(analyzeFile(file, OPTIONS).evidence);
    // A machine that is busy elsewhere may not let the thread run in time.
    let most = 0;
    for (let round = 0; round < 5 && most === 0; round++) {
      const { evidence, taken } = analyzeAhead(file, OPTIONS);
      assert.equal(evidence, without);
      most = taken;
    }
    assert.ok(most > 0, "no scan of the thread was used");
  });
}

testWith(
  ["program:taskset"],
  "a large program gives the same bytes on one processor and several, with a cache and without",
  context => {
    const cache = temporaryFolder(context);
    const analyze = (before: readonly string[], words: readonly string[]): string => {
      const command = [...before, process.execPath, PROGRAM, "analyze", ...words, "--format", "evidence"];
      const [name, ...rest] = [...command, process.execPath];
      const env = { ...process.env, XDG_CACHE_HOME: cache };
      const { status, stdout, stderr } = spawnSync(name, rest, { encoding: "utf8", env, maxBuffer: 1 << 26 });
      assert.equal(status, 0, stderr);
      return stdout;
    };
    const alone = analyze(["taskset", "-c", "0"], ["--no-cache"]);
    assert.ok(alone.includes('"static"'));
    assert.ok(alone === analyze([], ["--no-cache"]), "without a cache");
    assert.ok(alone === analyze([], []), "with an empty cache");
    assert.ok(alone === analyze([], []), "from the cache");
  },
  { timeout: 300_000 },
);

/** What an analysis gives: a result, or the one line of an error. */
function outcome(analyze: () => string): string {
  try {
    return analyze();
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    return error.message;
  }
}

test("damaged files keep their limits with a thread that scans ahead", () => {
  const bytes = readFileSync("/usr/bin/ls");
  const tables = tablesOf(bytes);
  const options = { ...OPTIONS, root: folder };
  for (let n = 0; n < 30; n++) {
    writeFileSync(path.join(folder, "program"), mutate(bytes, tables, n));
    const start = performance.now();
    const without = outcome(() => JSON.stringify(analyzeFile("/program", options).evidence));
    const withThread = outcome(() => analyzeAhead("/program", options).evidence);
    assert.equal(withThread, without, `copy ${n}`);
    assert.ok(performance.now() - start < 10_000, `copy ${n}`);
  }
});

test("the thread ends with the analysis", async () => {
  // Events of the threads that were started before.
  await sleep(0);
  const started: Worker[] = [];
  const note = (worker: Worker): void => void started.push(worker);
  process.on("worker", note);
  try {
    analyzeAhead("/usr/bin/ls", OPTIONS);
    assert.throws(() => analyzeAhead("/dev/null", OPTIONS), InputError);
    // The event comes once the analysis, which does not wait for anything, is over.
    await sleep(0);
    assert.equal(started.length, 1);
    const [worker] = started;
    assert.ok(worker instanceof Worker);
    const ended = worker.threadId === -1 ? [0] : await Promise.race([once(worker, "exit"), sleep(10_000)]);
    assert.ok(ended !== undefined, "it still runs");
  } finally {
    process.off("worker", note);
  }
});

test("^C ends an analysis with such a thread at once", async context => {
  const env = { ...process.env, XDG_CACHE_HOME: temporaryFolder(context) };
  const child = spawn(process.execPath, [PROGRAM, "analyze", "--no-cache", process.execPath], { env });
  const exit = once(child, "exit");
  // Late enough for the thread, early enough for the analysis of so large a file.
  await sleep(1500);
  const before = performance.now();
  child.kill("SIGINT");
  const [, signal] = (await exit) as [number | null, string | null];
  assert.equal(signal, "SIGINT");
  assert.ok(performance.now() - before < 2000);
});
