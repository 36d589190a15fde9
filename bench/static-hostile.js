// Damaged ELF files: `node bench/static-hostile.js [COUNT [FIRST]]` (default 20,000), from ten seeds, those before the FIRST
// of each seed left out. Each must end within 5 s of processor time and 600 MB, in a result or an input error of one line.
// Needs `node tools/test.js static/hostile` once.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, homedir, tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { analyzeFile } from "../.build/src/static/analyze.js";
import { InputError } from "../.build/src/errors.js";
import { mutate, tablesOf } from "../.build/test/support/mutate.js";

const SECONDS = 5;
const MEGABYTES = 600;
/** A copy that is at work for longer than this hangs. */
const HANGS = 120;
const BATCH = 100;
const root = path.resolve(import.meta.dirname, "..");
const out = path.join(root, "bench", "out", "static-hostile");

function build(name, command, args, options) {
  const file = path.join(out, name);
  mkdirSync(out, { recursive: true });
  const built = spawnSync(command, [...args, "-o", file, ...options.sources], options);
  if (built.status !== 0) throw built.error ?? new Error(`${command}: ${built.stderr}`);
  return file;
}

function fromC(name, command, source, ...flags) {
  return build(name, command, ["-O2", "-s", ...flags], {
    cwd: path.join(root, "testdata", "static", "c"),
    encoding: "utf8",
    sources: [source],
  });
}

/** A small Go program, whose pclntab is damaged as well. */
function fromGo(name, arch, ...flags) {
  const { PATH } = process.env;
  return build(name, "go", ["build", "-ldflags=-s -w", ...flags], {
    cwd: path.join(root, "testdata", "static", "go"),
    encoding: "utf8",
    sources: ["./assembler"],
    env: { PATH, HOME: homedir(), GOENV: "off", GOTOOLCHAIN: "local", GOARCH: arch, CGO_ENABLED: "0" },
  });
}

/** Dynamic and static programs, libraries, C++ with landing pads, stripped Go for both machines. */
function seeds() {
  return [
    "/usr/bin/true",
    "/usr/bin/ls",
    "/usr/bin/bash",
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib/x86_64-linux-gnu/libcap.so.2",
    fromC("musl-static", "musl-gcc", "wrappers.c", "-static"),
    fromC("landing-pads", "g++", "catch.cc", "-Wl,-z,pack-relative-relocs"),
    fromGo("go-amd64-pie", "amd64", "-buildmode=pie"),
    fromGo("go-arm64", "arm64"),
  ];
}

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
    process.stderr.write(`${n}\n`);
    writeFileSync(path.join(folder, "program"), mutate(bytes, tables, n));
    const start = process.cpuUsage();
    try {
      analyzeFile("/program", options);
    } catch (error) {
      if (!(error instanceof InputError) || error.message.includes("\n"))
        process.stdout.write(`CRASH ${seed} ${n}: ${error.stack}\n`);
      refused++;
    }
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
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

/** Runs a batch; one that stands still is ended, and what it hung at is said. */
function run(seed, from, to) {
  return new Promise(resolve => {
    let output = "";
    let at = from;
    let timer;
    const child = spawn(process.execPath, [import.meta.filename, "--batch", seed, String(from), String(to)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => child.kill("SIGKILL"), HANGS * 1000);
    };
    wait();
    child.stdout.on("data", chunk => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.stderr.on("data", chunk => {
      const line = String(chunk).trim().split("\n").at(-1);
      if (/^\d+$/.test(line)) at = Number(line);
      else output += chunk;
      wait();
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code !== 0) console.log(`DIED ${seed} ${at}: ${code ?? signal}`);
      resolve(code === 0 && !/^(CRASH|SLOW|LARGE)/m.test(output));
    });
  });
}

async function main(count, first) {
  const list = seeds().filter(existsSync);
  let isFine = list.length === 10;
  if (!isFine) console.log(`only ${list.length} of 10 seeds are here`);
  const end = Math.ceil(count / list.length);
  const batches = [];
  for (let from = first; from < end; from += BATCH) {
    for (const seed of list) batches.push([seed, from, Math.min(end, from + BATCH)]);
  }
  let next = 0;
  const work = async () => {
    for (let at = next++; at < batches.length; at = next++) isFine = (await run(...batches[at])) && isFine;
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  console.log(isFine ? "every copy ended within the limits" : "some copies broke a limit");
  process.exitCode = isFine ? 0 : 1;
}

if (process.argv[2] === "--batch") {
  const [, , , seed, from, to] = process.argv;
  batch(seed, Number(from), Number(to));
} else await main(Number(process.argv[2] ?? 20_000), Number(process.argv[3] ?? 0));
