import assert from "node:assert/strict";
import path from "node:path";
import { analyzeFile } from "../../src/static/analyze.ts";
import { compileBare as build, temporaryFolder } from "../support/compile.ts";
import { testWith } from "../support/needs.ts";

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

/** A function that opens a library through two others. */
const opening = (name: string): string =>
  `long outer(const char *); long run(void) { return outer("${name}") + 1; }\n`;

testWith(
  ["program:gcc"],
  "a name that comes through wrappers is seen when a plug-in brings a new caller",
  context => {
    const root = temporaryFolder(context);
    const shared = ["-shared", "-fPIC"];
    const libraries = path.join(root, "usr/lib");
    // Stands in for the C library's.
    const opener = `long dlopen(const char *name, int mode) { return 0; }
__attribute__((noinline, noipa)) long inner(const char *name) { return 1 + dlopen(name, 2); }
__attribute__((noinline, noipa)) long outer(const char *name) { return 1 + inner(name); }\n`;
    const base = build(path.join(libraries, "libopen.so"), opener, ...shared, "-Wl,-soname,libopen.so");
    build(path.join(libraries, "libone.so"), opening("libtwo.so"), ...shared, base);
    build(path.join(libraries, "libtwo.so"), library("getppid"), ...shared);
    const main = 'long outer(const char *); void _start(void) { outer("libone.so"); for (;;); }\n';
    build(path.join(root, "program"), main, base);
    assert.deepEqual(found(root).calls, []);
    // Unknown names of functions are whatever a plug-in exports.
    const lookup = `long dlsym(void *h, const char *name) { return 0; }\n`;
    const finder = build(path.join(libraries, "libfind.so"), lookup, ...shared, "-Wl,-soname,libfind.so");
    build(
      path.join(root, "program"),
      'long outer(const char *); long dlsym(void *, const char *); void _start(void) { char n[9]; outer("libone.so"); dlsym(0, n); for (;;); }\n',
      base,
      finder,
    );
    assert.deepEqual(found(root).calls, ["getppid"]);
  },
);
