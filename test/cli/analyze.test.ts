import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { repository, temporaryFolder } from "../support/compile.ts";
import { testWith } from "../support/needs.ts";

function analyze(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const cli = path.join(repository, "bin/seccraft.js");
  return spawnSync(process.execPath, [cli, "analyze", "--no-cache", ...args], { encoding: "utf8" });
}

test("analyze prints a profile, and the same one each time", () => {
  const first = analyze("/usr/bin/true");
  assert.equal(first.status, 0, first.stderr);
  const profile = JSON.parse(first.stdout) as { defaultAction: string; syscalls: { names: string[] }[] };
  assert.equal(profile.defaultAction, "SCMP_ACT_ERRNO");
  assert.ok(profile.syscalls.some(rule => rule.names.includes("exit_group")));
  assert.equal(analyze("/usr/bin/true").stdout, first.stdout);
});

test("analyze explains a syscall and draws what leads to it", context => {
  const graph = path.join(temporaryFolder(context), "graph.dot");
  const { status, stdout } = analyze("--explain", "exit_group", "--graph", graph, "/usr/bin/true");
  assert.equal(status, 0);
  assert.match(stdout, /^exit_group at \/usr\/lib\/\S+libc\.so\.6 0x[0-9a-f]+ in _Exit$/m);
});

test("analyze --strict ends with 1 when there are gaps", () => {
  assert.equal(analyze("--strict", "/usr/bin/true").status, 0);
  const { status, stderr } = analyze("--strict", "--format", "names", "/usr/bin/env");
  assert.match(stderr, /^gap: it can run other programs/m);
  assert.equal(status, 1);
  assert.equal(analyze("--strict", "--assume-exec", "false", "/usr/bin/env").status, 0);
});

const names = (text: string): string[] => text.trim().split("\n");

/** The same answer for several functions. */
const resolve = (functions: readonly string[], answer: string): string[] =>
  functions.flatMap(name => ["--resolve", `${name}=${answer}`]);

test("analyze takes for an answer what a function calls, or that it calls nothing more", context => {
  const folder = temporaryFolder(context);
  for (const [name, functions, wanted] of [
    ["mutex-shared", ["main"], ["sched_getparam", "sched_setscheduler"]],
    ["two-unknowns", ["first", "second"], ["acct", "swapoff"]],
  ] as const) {
    const program = path.join(folder, name);
    const source = path.join(repository, "testdata/static/c", `${name}.c`);
    assert.equal(spawnSync("gcc", ["-w", "-O0", "-o", program, source]).status, 0);
    assert.equal(analyze("--strict", program).status, 1);
    const [found, none] = [wanted.join(","), "none"].map(answer =>
      analyze("--strict", "--format", "names", ...resolve(functions, answer), program),
    );
    assert.deepEqual([found?.status, found?.stderr, none?.status, none?.stderr], [0, "", 0, ""]);
    const without = names(none?.stdout ?? "");
    assert.deepEqual(
      names(found?.stdout ?? "").filter(call => !without.includes(call)),
      wanted,
    );
  }
});

testWith(
  ["program:aarch64-linux-gnu-gcc"],
  "analyze does not take calls of another machine for an answer",
  context => {
    const program = path.join(temporaryFolder(context), "two-unknowns");
    const source = path.join(repository, "testdata/static/c/two-unknowns.c");
    const args = ["-w", "-O1", "-static", "-o", program, source];
    assert.equal(spawnSync("aarch64-linux-gnu-gcc", args).status, 0);
    const both = ["first", "second"];
    assert.equal(analyze("--strict", ...resolve(both, "openat"), program).stderr, "");
    const { stderr } = analyze("--strict", ...resolve(both, "open"), program);
    assert.match(stderr, /^gap: .* syscall: .*\(first in .*--resolve first=/m);
  },
);

test("analyze says of several files once what they lack alike, and which", () => {
  const { stderr } = analyze("--format", "names", "/usr/bin/env", "/usr/bin/true", "/usr/bin/nice");
  const gaps = stderr.split("\n").filter(line => line.includes("it can run other programs"));
  assert.equal(gaps.length, 1);
  assert.match(gaps[0] ?? "", /\(in \/usr\/bin\/env, \/usr\/bin\/nice\)$/);
});

test("analyze says in one line what it cannot use", context => {
  const folder = temporaryFolder(context);
  writeFileSync(path.join(folder, "text"), "no program\n");
  writeFileSync(path.join(folder, "hints"), "dlopen libm.so.6 # fine\nopen sesame\n");
  mkdirSync(path.join(folder, "root"));
  for (const [args, message] of [
    [[path.join(folder, "text")], /text: not an ELF file$/],
    [[path.join(folder, "none")], /none: no such file$/],
    [["--root", path.join(folder, "root"), "/usr/bin/true"], /true: no such file$/],
    [["--hints", path.join(folder, "hints"), "/usr/bin/true"], /hints:2: not a hint/],
    [["--dlopen", "/nowhere/*.so", "/usr/bin/true"], /--dlopen: no such library/],
    [["--explain", "nothing", "/usr/bin/true"], /nothing is no syscall/],
    [["--resolve", "f", "/usr/bin/true"], /not of the form/],
  ] as const) {
    const { status, stderr, stdout } = analyze(...args);
    assert.equal(status, 2, stderr);
    assert.match(stderr.trim(), message);
    assert.equal(stderr.trim().split("\n").length, 1);
    assert.equal(stdout, "");
  }
});

test("analyze reads a script's interpreter and says that the script is a gap", context => {
  const script = path.join(temporaryFolder(context), "script");
  writeFileSync(script, "#!/bin/sh\necho\n");
  const { status, stdout, stderr } = analyze("--format", "names", script);
  assert.equal(status, 0);
  assert.match(stderr, /a script: its interpreter was analysed/);
  assert.match(stdout, /^wait4$/m);
});
