import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";
import { analyzeFile } from "../../src/static/analyze.ts";
import { ModuleStore } from "../../src/static/load/modules.ts";
import { CORPUS, wordsOf } from "../support/corpus.ts";
import { testWith } from "../support/needs.ts";
import { trace } from "../support/traced.ts";

/** Every one of so many is run here; `bench/static-soundness.js` runs all. */
const STEP = 5;

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-corpus-"));
after(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(path.join(folder, "d/e"), { recursive: true });
for (const name of ["a", "b", "zero", "big"]) writeFileSync(path.join(folder, name), `x\n${name}\n`);

const store = new ModuleStore();
const known = new Map<string, Set<string>>();

function found(program: string): Set<string> {
  let names = known.get(program);
  if (names === undefined) {
    const options = {
      root: "/",
      hints: { dlopen: [], resolve: new Map() },
      assumeExec: [],
      phases: false,
      tool: "test",
    };
    names = new Set(analyzeFile(program, options, store).evidence.observations.map(o => o.syscall));
    known.set(program, names);
  }
  return names;
}

for (const command of CORPUS.filter((_, i) => i % STEP === 0)) {
  const argv = wordsOf(command, folder);
  if (!existsSync(argv[0] ?? "")) continue;
  testWith(["program:strace"], `finds what ${command} calls`, () => {
    const { calls, program } = trace(argv, folder, 10, "a b\n");
    assert.ok(calls.size > 5, "nothing was traced");
    const names = found(program);
    assert.deepEqual(
      [...calls].filter(name => !names.has(name)),
      [],
    );
  });
}
