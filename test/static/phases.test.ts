import assert from "node:assert/strict";
import { test } from "node:test";
import { syscallByNumber } from "../../src/abi/syscalls.ts";
import { analyzeFile } from "../../src/static/analyze.ts";
import { compile } from "../support/compile.ts";

/** Names of the calls that a program can make once its main runs, and of those that it can make at all. */
function calls(program: string): { main: Set<string>; all: Set<string> } {
  const hints = { dlopen: [], resolve: new Map<string, readonly string[]>() };
  const options = { root: "/", hints, assumeExec: [], phases: true, tool: "test" };
  const main = new Set<string>();
  const all = new Set<string>();
  for (const { number, phase } of analyzeFile(program, options).evidence.observations) {
    const name = syscallByNumber("x86_64", number)?.name ?? String(number);
    all.add(name);
    if (phase !== "startup") main.add(name);
  }
  return { main, all };
}

/** What glibc's ld.so makes of every thread, once for the first one and later for others only. */
const OF_THREADS = ["rseq", "set_robust_list"];

test("what only ld.so does before the program starts is told apart", () => {
  const { main, all } = calls("/bin/true");
  for (const name of ["arch_prctl", "set_tid_address", ...OF_THREADS]) {
    assert.ok(all.has(name), name);
    assert.ok(!main.has(name), `${name} only happens before main`);
  }
  for (const name of ["write", "exit_group", "mmap"]) assert.ok(main.has(name), name);
});

test("a thread makes some of it again, and then it counts", context => {
  const { main } = calls(compile(context, "static/c/thread-exit.c", "-pthread"));
  for (const name of [...OF_THREADS, "clone3"]) assert.ok(main.has(name), name);
  for (const name of ["arch_prctl", "set_tid_address"]) assert.ok(!main.has(name), name);
});
