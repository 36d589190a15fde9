// Commands of the corpus, programs of Rust, and servers with clients at them, each under strace, against what
// `seccraft analyze` finds: `node bench/static-soundness.js [commands] [servers]`, both when none is named. Needs
// `node tools/test.js static/corpus` once, which compiles the corpus; rustc and Debian's archive for Rust.
import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { analyzeFile } from "../.build/src/static/analyze.js";
import { ModuleStore } from "../.build/src/static/load/modules.js";
import { CORPUS, wordsOf } from "../.build/test/support/corpus.js";
import { callsUntilExec, trace } from "../.build/test/support/traced.js";
import { rustCommands } from "./static-soundness/fetched.js";
import { freePort, isListening, SERVERS } from "./static-soundness/servers.js";

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-corpus-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
if (spawnSync("strace", ["-V"]).error) throw new Error("strace is missing");

const store = new ModuleStore();
const known = new Map();
const total = { ran: 0, missed: 0, traced: 0, found: 0 };

function namesOf(program) {
  if (!known.has(program)) {
    const hints = { dlopen: [], resolve: new Map() };
    const options = { root: "/", hints, assumeExec: [], phases: false, tool: "bench" };
    const { observations } = analyzeFile(program, options, store).evidence;
    known.set(program, new Set(observations.map(o => o.syscall)));
  }
  return known.get(program);
}

function compare(title, program, calls) {
  const names = namesOf(program);
  const lost = [...calls].filter(name => !names.has(name));
  total.ran++;
  total.traced += calls.size;
  total.found += names.size;
  if (lost.length > 0) total.missed++;
  const word = lost.length === 0 ? "sound " : "MISSED";
  console.log(`${word} ${String(calls.size).padStart(3)} of ${names.size} ${title} ${lost.join(" ")}`);
}

function runCommands() {
  mkdirSync(path.join(folder, "d/e"), { recursive: true });
  for (const name of ["a", "b", "zero", "big"]) writeFileSync(path.join(folder, name), `x\n${name}\n`);
  for (const command of [...CORPUS, ...rustCommands()]) {
    const argv = wordsOf(command, folder);
    if (!existsSync(argv[0])) {
      console.log(`-      ${command} is not installed`);
      continue;
    }
    const { calls, program } = trace(argv, folder, 10, "a b\n");
    compare(command, program, calls);
  }
}

async function runServer({ program: name, arguments: argumentsFor, ask, signals }) {
  const program = realpathSync(name);
  const own = mkdtempSync(path.join(folder, "server-"));
  const port = await freePort();
  const log = path.join(own, "strace");
  const args = ["-f", "-qq", "-s", "256", "-o", log, name, ...argumentsFor(own, port)];
  const child = spawn("strace", args, { cwd: own, stdio: "ignore" });
  const ended = new Promise(resolve => child.on("exit", resolve));
  try {
    if (!(await isListening(port))) throw new Error(`${name} does not listen`);
    await ask(port);
    const pid = Number.parseInt(readFileSync(log, "utf8"), 10);
    for (const signal of signals) {
      process.kill(pid, signal);
      await sleep(1500);
    }
    await Promise.race([ended, sleep(5000)]);
  } finally {
    child.kill("SIGKILL");
  }
  compare(`${name}, at work`, program, callsUntilExec(readFileSync(log, "latin1"), program));
}

const parts = process.argv.slice(2);
const wants = part => parts.length === 0 || parts.includes(part);
if (wants("commands")) runCommands();
if (wants("servers")) {
  for (const server of SERVERS) {
    if (existsSync(server.program)) await runServer(server);
    else console.log(`-      ${server.program} is not installed`);
  }
}
const { ran, missed, traced, found } = total;
console.log(
  `${ran} runs of ${known.size} programs, ${missed} with a call that was not found; mean ${(traced / ran).toFixed(1)} traced, ${(found / ran).toFixed(1)} found`,
);
process.exitCode = missed === 0 ? 0 : 1;
