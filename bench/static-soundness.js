// Commands of the corpus, programs of Rust, and servers with clients at them, each under strace, against what
// `seccraft analyze` finds: `node bench/static-soundness.js [commands] [servers]`, both when none is named. `wide`, as root:
// every ELF program of the machine with --help and --version (`programs`), and real work by programs of many kinds (`work`).
// Needs `node tools/test.js static/corpus` once, which compiles the corpus; rustc and Debian's archive for Rust.
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
import { CORPUS, wordsOf } from "../.build/test/support/corpus.js";
import { callsUntilExec, trace } from "../.build/test/support/traced.js";
import { Comparison } from "./static-soundness/compare.js";
import { rustCommands } from "./static-soundness/fetched.js";
import { freePort, isListening, SERVERS } from "./static-soundness/servers.js";
import { wide } from "./static-soundness/wide.js";

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-corpus-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
if (spawnSync("strace", ["-V"]).error) throw new Error("strace is missing");

const comparison = new Comparison();
const compare = (title, program, calls) => comparison.compare(title, program, calls);

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

function say({ ran, programs, missed, excused, failed, traced, found }) {
  const apart = excused === 0 ? "" : `, ${excused} more behind a gap that is listed`;
  const mean = count => (count / ran).toFixed(1);
  console.log(
    `${ran} runs of ${programs} programs, ${missed} with a call that was not found${apart}; mean ${mean(traced)} traced, ${mean(found)} found`,
  );
  if (failed > 0) console.log(`${failed} could not be compared`);
  if (missed + failed > 0) process.exitCode = 1;
}

const parts = process.argv.slice(2);
const wants = part => (parts.length === 0 && part !== "wide") || parts.includes(part);
if (wants("commands")) runCommands();
if (wants("servers")) {
  for (const server of SERVERS) {
    if (existsSync(server.program)) await runServer(server);
    else console.log(`-      ${server.program} is not installed`);
  }
}
if (comparison.total.ran > 0) say(comparison.total);
const wideParts = ["programs", "work"].filter(part => wants("wide") || parts.includes(part));
if (wideParts.length > 0) say(await wide(wideParts));
