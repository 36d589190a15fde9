import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { realpathSync, writeFileSync } from "node:fs";
import path from "node:path";
import { analyzeFile } from "../../src/static/analyze.ts";
import { temporaryFolder } from "../support/compile.ts";
import { testWith } from "../support/needs.ts";

function callsOf(file: string): ReadonlySet<string> {
  const { evidence } = analyzeFile(file, {
    root: "/",
    hints: { dlopen: [], resolve: new Map() },
    assumeExec: [],
    phases: false,
    tool: "test",
  });
  // Whoever starts a program executes it.
  return new Set(evidence.observations.flatMap(o => (o.label === "container-runtime" ? [] : [o.syscall])));
}

/** What ld.so does for `ld.so PROGRAM` and its options, and nothing else in it does. */
const DIRECT = ["execve", "uname"];

testWith(
  ["file:/lib64/ld-linux-x86-64.so.2", "program:gcc"],
  "ld.so executes programs only when it is the program",
  context => {
    const folder = temporaryFolder(context);
    const program = path.join(folder, "program");
    writeFileSync(`${program}.c`, "int main(void) { return 0; }\n");
    const result = spawnSync("gcc", ["-o", program, `${program}.c`], { encoding: "utf8" });
    assert.equal(result.status, 0, result.stderr);
    const itself = callsOf(realpathSync("/lib64/ld-linux-x86-64.so.2"));
    const started = callsOf(program);
    for (const name of DIRECT) {
      assert.ok(itself.has(name), `${name} is not found in the loader itself`);
      assert.ok(!started.has(name), `${name} is found in a program that the kernel starts`);
    }
    // What it does either way, by the environment: LD_PROFILE, LD_LIBRARY_PATH=$ORIGIN.
    for (const name of ["setitimer", "readlink", "openat"]) assert.ok(started.has(name), name);
  },
);
