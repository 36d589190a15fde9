// Damaged ELF files: `node bench/static-hostile.js [COUNT]` (default 20,000), from ten seeds. Each must end within 5 s
// and 600 MB, in a result or an input error of one line. Needs `node tools/test.js static/hostile` once.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { analyzeFile } from "../.build/src/static/analyze.js";
import { InputError } from "../.build/src/errors.js";
import { mutate, tablesOf } from "../.build/test/support/mutate.js";

const SECONDS = 5;
const MEGABYTES = 600;
const packages = path.resolve(import.meta.dirname, "../node_modules");
const SEEDS = [
  "/usr/bin/true",
  "/usr/bin/ls",
  "/usr/bin/bash",
  "/usr/bin/git",
  "/lib64/ld-linux-x86-64.so.2",
  "/lib/x86_64-linux-gnu/libc.so.6",
  "/lib/x86_64-linux-gnu/libcap.so.2",
  "/usr/bin/busybox",
  "/usr/sbin/runc",
  path.join(packages, "@esbuild/linux-x64/bin/esbuild"),
].filter(existsSync);

/** One batch in a process of its own; it prints a line for each copy that breaks a limit, and a summary. */
function batch(seed, from, to) {
  const folder = mkdtempSync(path.join(tmpdir(), "seccraft-hostile-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const bytes = readFileSync(seed);
  const tables = tablesOf(bytes);
  const options = {
    root: folder,
    hints: { dlopen: [], resolve: new Map() },
    assumeExec: [],
    phases: false,
    tool: "bench",
  };
  let refused = 0;
  let slowest = 0;
  for (let n = from; n < to; n++) {
    writeFileSync(path.join(folder, "program"), mutate(bytes, tables, n));
    const start = performance.now();
    try {
      analyzeFile("/program", options);
    } catch (error) {
      if (!(error instanceof InputError)) process.stdout.write(`CRASH ${seed} ${n}: ${error.stack}\n`);
      refused++;
    }
    const seconds = (performance.now() - start) / 1000;
    slowest = Math.max(slowest, seconds);
    if (seconds > SECONDS) process.stdout.write(`SLOW ${seed} ${n}: ${seconds.toFixed(1)} s\n`);
  }
  const megabytes = process.resourceUsage().maxRSS / 1024;
  if (megabytes > MEGABYTES)
    process.stdout.write(`LARGE ${seed} ${from} to ${to}: ${megabytes.toFixed(0)} MB\n`);
  process.stdout.write(
    `${seed} ${from} to ${to}: ${refused} refused, slowest ${slowest.toFixed(2)} s, ${megabytes.toFixed(0)} MB\n`,
  );
}

function run(seed, from, to) {
  return new Promise(resolve => {
    let output = "";
    const child = spawn(process.execPath, [import.meta.filename, "--batch", seed, String(from), String(to)], {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: (to - from) * SECONDS * 1000,
      killSignal: "SIGKILL",
    });
    child.stdout.on("data", chunk => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on("exit", (code, signal) => {
      if (code !== 0) console.log(`DIED ${seed} ${from} to ${to}: ${code ?? signal}`);
      resolve(code === 0 && !/^(CRASH|SLOW|LARGE)/m.test(output));
    });
  });
}

if (process.argv[2] === "--batch") {
  const [, , , seed, from, to] = process.argv;
  batch(seed, Number(from), Number(to));
} else {
  const count = Number(process.argv[2] ?? 20_000);
  const each = Math.ceil(count / SEEDS.length);
  const size = 100;
  let isFine = true;
  for (const seed of SEEDS) {
    for (let from = 0; from < each; from += size)
      isFine = (await run(seed, from, Math.min(each, from + size))) && isFine;
  }
  console.log(isFine ? "every copy ended within the limits" : "some copies broke a limit");
  process.exitCode = isFine ? 0 : 1;
}
