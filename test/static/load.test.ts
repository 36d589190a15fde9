import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { analyzeFile } from "../../src/static/analyze.ts";
import { temporaryFolder } from "../support/compile.ts";
import { testWith } from "../support/needs.ts";

function build(file: string, text: string, ...flags: string[]): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.c`, text);
  const args = ["-w", "-O2", "-nostdlib", "-o", file, `${file}.c`, ...flags];
  const result = spawnSync("gcc", args, { encoding: "utf8" });
  assert.equal(result.status, 0, result.stderr);
  return file;
}

/** A function of a library that makes one call of its own. */
const library = (call: string): string => `#include <sys/syscall.h>
long work(void) { long r; __asm__ volatile("syscall" : "=a"(r) : "a"(SYS_${call})); return r; }\n`;
const PROGRAM = "long work(void); void _start(void) { work(); for (;;); }\n";

function found(root: string, libraryPath: readonly string[] = []): { calls: string[]; missing: boolean } {
  const { evidence } = analyzeFile("/program", {
    root,
    hints: { dlopen: [], resolve: new Map(), libraryPath },
    assumeExec: [],
    phases: false,
    tool: "test",
  });
  return {
    calls: evidence.observations.flatMap(o => (o.label === undefined ? [o.syscall] : [])).sort(),
    missing: evidence.gaps.some(g => g.reason.includes("libwork.so")),
  };
}

testWith(["program:gcc"], "a library's builds for newer processors count as well", context => {
  const root = temporaryFolder(context);
  const shared = ["-shared", "-fPIC", "-Wl,-soname,libwork.so"];
  const base = build(path.join(root, "usr/lib/libwork.so"), library("getpid"), ...shared);
  build(path.join(root, "program"), PROGRAM, base);
  assert.deepEqual(found(root).calls, ["getpid"]);
  const folder = path.join(root, "usr/lib/glibc-hwcaps/x86-64-v3");
  build(path.join(folder, "libwork.so"), library("getuid"), ...shared);
  assert.deepEqual(found(root).calls, ["getpid", "getuid"]);
});

testWith(["program:gcc"], "LD_LIBRARY_PATH goes before the usual folders", context => {
  const root = temporaryFolder(context);
  const shared = ["-shared", "-fPIC", "-Wl,-soname,libwork.so"];
  const own = build(path.join(root, "opt/own/libwork.so"), library("getgid"), ...shared);
  build(path.join(root, "program"), PROGRAM, own);
  assert.ok(found(root).missing);
  assert.deepEqual(found(root, ["/opt/none", "/opt/own"]), { calls: ["getgid"], missing: false });
  build(path.join(root, "usr/lib/libwork.so"), library("getpid"), ...shared);
  assert.deepEqual(found(root).calls, ["getpid"]);
  assert.deepEqual(found(root, ["/opt/own"]).calls, ["getgid"]);
});
