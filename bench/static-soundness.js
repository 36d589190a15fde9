// Every command of the corpus under strace, against what `seccraft analyze` finds: `node bench/static-soundness.js`.
// Needs `node tools/test.js static/corpus` once, which compiles the corpus.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { analyzeFile } from "../.build/src/static/analyze.js";
import { ModuleStore } from "../.build/src/static/load/modules.js";
import { CORPUS, wordsOf } from "../.build/test/support/corpus.js";
import { trace } from "../.build/test/support/traced.js";

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-corpus-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
mkdirSync(path.join(folder, "d/e"), { recursive: true });
for (const name of ["a", "b", "zero", "big"]) writeFileSync(path.join(folder, name), `x\n${name}\n`);
if (spawnSync("strace", ["-V"]).error) throw new Error("strace is missing");

const options = {
  root: "/",
  hints: { dlopen: [], resolve: new Map() },
  assumeExec: [],
  phases: false,
  tool: "bench",
};
const store = new ModuleStore();
const known = new Map();
let ran = 0;
let missed = 0;
let traced = 0;
let found = 0;
for (const command of CORPUS) {
  const argv = wordsOf(command, folder);
  if (!existsSync(argv[0])) {
    console.log(`-      ${command} is not installed`);
    continue;
  }
  const { calls, program } = trace(argv, folder, 10, "a b\n");
  if (!known.has(program)) {
    known.set(
      program,
      new Set(analyzeFile(program, options, store).evidence.observations.map(o => o.syscall)),
    );
  }
  const names = known.get(program);
  const lost = [...calls].filter(name => !names.has(name));
  ran++;
  traced += calls.size;
  found += names.size;
  if (lost.length > 0) missed++;
  console.log(
    `${lost.length === 0 ? "sound " : "MISSED"} ${String(calls.size).padStart(3)} of ${names.size} ${command} ${lost.join(" ")}`,
  );
}
console.log(
  `${ran} commands of ${known.size} programs, ${missed} with a call that was not found; mean ${(traced / ran).toFixed(1)} traced, ${(found / ran).toFixed(1)} found`,
);
process.exitCode = missed === 0 ? 0 : 1;
