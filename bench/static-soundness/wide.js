// Every ELF program of this machine with --help and --version, and real work by programs of many kinds, each for at most five
// seconds under strace, in a copy of the machine that is thrown away.
import { mkdirSync, mkdtempSync, truncateSync, writeFileSync, existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import process from "node:process";
import { trace } from "../../.build/test/support/traced.js";
import { runApart } from "./apart.js";
import { Comparison } from "./compare.js";
import { elfPrograms } from "./programs.js";
import { DISKS, FILES, WORK } from "./work.js";

const SECONDS = 5;
const BATCH = 20;
const TOTAL = "TOTAL ";

function scratch() {
  const folder = mkdtempSync("/tmp/wide-");
  for (const [name, content] of Object.entries(FILES)) writeFileSync(path.join(folder, name), content);
  for (const [name, megabytes] of Object.entries(DISKS)) {
    writeFileSync(path.join(folder, name), "");
    truncateSync(path.join(folder, name), megabytes << 20);
  }
  for (const name of ["guile", "cache", "unzipped"]) mkdirSync(path.join(folder, name));
  return folder;
}

/** Inside of the copy: what a batch of commands does, and what is found. */
function inside(commands) {
  const comparison = new Comparison(true);
  const folder = scratch();
  for (const argv of commands) {
    const title = argv.join(" ").slice(0, 100);
    if (!existsSync(argv[0])) {
      console.log(`-      ${title} is not installed`);
      continue;
    }
    try {
      const { calls, program } = trace(argv, folder, SECONDS, "a b\n");
      // What outlived it: this process is the first one of its own processes, and the only one that stays.
      if (process.pid === 1) killOthers();
      comparison.compare(title, program, calls);
    } catch (error) {
      comparison.total.failed++;
      console.log(`FAILED ${title}: ${error.message}`);
    }
  }
  console.log(`${TOTAL}${JSON.stringify(comparison.total)}`);
}

function killOthers() {
  try {
    process.kill(-1, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** Batches of commands. */
function batches(parts) {
  const list = [];
  if (parts.includes("work")) list.push(...WORK);
  if (!parts.includes("programs")) return list;
  const commands = elfPrograms().flatMap(file => [
    [file, "--help"],
    [file, "--version"],
  ]);
  for (let at = 0; at < commands.length; at += 2 * BATCH) list.push(commands.slice(at, at + 2 * BATCH));
  return list;
}

/** @param parts of `work` and `programs` */
export async function wide(parts) {
  const all = batches(parts);
  const total = {};
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < all.length; at = next++) {
      const args = [import.meta.filename, "--inside", JSON.stringify(all[at])];
      const { code, output } = await runApart(process.execPath, args);
      const end = output.lastIndexOf(TOTAL);
      console.log(output.slice(0, end < 0 ? undefined : end).trim());
      const counts = end < 0 ? { failed: 1 } : JSON.parse(output.slice(end + TOTAL.length));
      if (end < 0) console.log(`FAILED batch ${at} ended with ${code}`);
      for (const [name, value] of Object.entries(counts)) total[name] = (total[name] ?? 0) + value;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return total;
}

if (process.argv[2] === "--inside") inside(JSON.parse(process.argv[3]));
