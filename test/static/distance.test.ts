import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test, type TestContext } from "node:test";
import type { Evidence } from "../../src/evidence/model.ts";
import { analyzeFile } from "../../src/static/analyze.ts";
import { isHeart } from "../../src/static/distance.ts";
import { testWith } from "../support/needs.ts";
import { temporaryFolder } from "../support/programs.ts";

function evidenceOf(program: string): Evidence {
  return analyzeFile(program, {
    root: "/",
    hints: { dlopen: [], resolve: new Map() },
    assumeExec: [],
    phases: false,
    tool: "test",
  }).evidence;
}

function compile(...args: string[]): void {
  const { status, stderr } = spawnSync("gcc", ["-O1", ...args], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

/** What is found in a program of these lines of C. */
function compiledEvidence(context: TestContext, ...lines: string[]): Evidence {
  const folder = temporaryFolder(context);
  const [source, program] = [path.join(folder, "source.c"), path.join(folder, "program")];
  writeFileSync(source, `${lines.join("\n")}\n`);
  compile("-o", program, source);
  return evidenceOf(program);
}

testWith(
  ["linux", "program:gcc"],
  "what the program calls itself is near, what a library needs for its own ends is far",
  context => {
    const evidence = compiledEvidence(
      context,
      "#include <syslog.h>",
      "#include <unistd.h>",
      'int main(void) { usleep(1); syslog(LOG_INFO, "x"); return fsync(1); }',
    );
    const distance = (name: string): number =>
      Math.min(
        ...evidence.observations.filter(seen => seen.syscall === name).map(seen => seen.distance ?? Infinity),
      );
    assert.equal(distance("fsync"), 1);
    // usleep() only forwards to nanosleep(), and that to clock_nanosleep().
    assert.ok(distance("clock_nanosleep") <= 2);
    assert.ok(distance("connect") > 1);
    assert.equal(distance("set_tid_address"), Infinity);
  },
);

testWith(["linux", "program:gcc"], "what only an end by abort() needs is not near", context => {
  const nearest = (...lines: string[]): number =>
    Math.min(
      ...compiledEvidence(context, "#include <signal.h>", "#include <stdlib.h>", ...lines)
        .observations.filter(seen => seen.syscall === "tgkill")
        .map(seen => seen.distance ?? Infinity),
    );
  assert.equal(nearest("int main(int n, char **v) { if (n > 1) abort(); return 0; }"), Infinity);
  assert.ok(nearest("int main(void) { return raise(SIGUSR1); }") <= 2);
});

testWith(
  ["linux", "program:gcc"],
  "own tables hand out what is in them; a library's tables beside a variable that the program uses do not",
  context => {
    const folder = temporaryFolder(context);
    const [library, program] = [path.join(folder, "libbeside.so"), path.join(folder, "program")];
    const source = (name: string, ...lines: string[]): string => {
      writeFileSync(path.join(folder, name), `${lines.join("\n")}\n`);
      return path.join(folder, name);
    };
    const inLibrary = source(
      "library.c",
      "#include <unistd.h>",
      "static int sync_it(void) { return fsync(1); }",
      "int (*beside[])(void) = { sync_it, sync_it };",
      "const char *beside_name = (const char *)&beside;",
    );
    const inProgram = source(
      "program.c",
      "#include <unistd.h>",
      "extern const char *beside_name;",
      "static int cut_it(void) { return ftruncate(1, 0); }",
      "static int (*own[])(void) = { cut_it, cut_it };",
      "int main(int n, char **v) { return own[n & 1]() + beside_name[n]; }",
    );
    compile("-shared", "-fPIC", "-o", library, inLibrary);
    compile(
      "-fPIE",
      "-pie",
      "-mno-direct-extern-access",
      "-o",
      program,
      inProgram,
      library,
      `-Wl,-rpath,${folder}`,
    );
    const evidence = evidenceOf(program);
    const nearest = (name: string): number =>
      Math.min(
        ...evidence.observations.filter(seen => seen.syscall === name).map(seen => seen.distance ?? Infinity),
      );
    assert.equal(nearest("ftruncate"), 1);
    assert.ok(evidence.observations.some(seen => seen.syscall === "fsync"));
    assert.equal(nearest("fsync"), Infinity);
  },
);

testWith(
  ["linux", "program:gcc"],
  "a number that a function is given leads to who gives it, not to who calls the function first",
  context => {
    const evidence = compiledEvidence(
      context,
      "#include <sys/syscall.h>",
      "#include <unistd.h>",
      "__attribute__((noinline)) long chooses(int n) { return syscall(SYS_acct, n) + 1; }",
      "__attribute__((noinline)) long between(int n) { return chooses(n) + 1; }",
      "int main(int argc, char **argv) { return syscall(SYS_swapoff, argv) + between(argc); }",
    );
    const functions = (name: string): (string | undefined)[] =>
      evidence.observations.find(seen => seen.syscall === name)?.path?.map(step => step.function) ?? [];
    assert.deepEqual(functions("swapoff").slice(-2), ["main", "syscall"]);
    assert.deepEqual(functions("acct").slice(-4), ["main", "between", "chooses", "syscall"]);
  },
);

test("a library that bears the program's name is its heart", () => {
  assert.ok(isHeart("/usr/bin/sqlite3", "/usr/lib/x86_64-linux-gnu/libsqlite3.so.0.8.6"));
  assert.ok(isHeart("/usr/bin/ruby3.1", "/usr/lib/x86_64-linux-gnu/libruby-3.1.so.3.1.2"));
  assert.ok(!isHeart("/usr/bin/sqlite3", "/usr/lib/x86_64-linux-gnu/libc.so.6"));
  assert.ok(!isHeart("/usr/bin/c", "/usr/lib/x86_64-linux-gnu/libc.so.6"));
});

testWith(["linux", "program:gcc"], "a call of the heart through a table of pointers is near", context => {
  const folder = temporaryFolder(context);
  const build = (name: string, text: string, ...more: string[]): void => {
    writeFileSync(path.join(folder, `${name}.c`), text);
    const built = spawnSync("gcc", [
      "-O1",
      "-o",
      path.join(folder, name),
      path.join(folder, `${name}.c`),
      ...more,
    ]);
    assert.equal(built.status, 0, built.stderr.toString());
  };
  build(
    "libthing.so",
    "#include <unistd.h>\nint (*const table[])(int, off_t) = { ftruncate, ftruncate };\nint thing(int i) { return table[i & 1](1, 0); }\n",
    "-shared",
    "-fPIC",
  );
  build(
    "thing",
    "int thing(int); int main(int n, char **v) { return thing(n); }\n",
    "-L",
    folder,
    "-l:libthing.so",
    `-Wl,-rpath,${folder}`,
  );
  const evidence = evidenceOf(path.join(folder, "thing"));
  assert.equal(evidence.observations.find(seen => seen.syscall === "ftruncate")?.distance, 1);
});
