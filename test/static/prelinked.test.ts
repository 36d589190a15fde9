import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { analyzedBelow } from "../support/analyzed.ts";
import { repository, temporaryFolder } from "../support/compile.ts";
import { testWith } from "../support/needs.ts";

const SOURCES = path.join(repository, "testdata/static/prelinked");

function build(out: string, source: string, ...flags: readonly string[]): void {
  const usual = [
    "-O2",
    "-w",
    "-static",
    "-nostdlib",
    "-fno-pie",
    "-no-pie",
    "-fno-asynchronous-unwind-tables",
  ];
  const args = [...usual, "-o", out, path.join(SOURCES, source), ...flags];
  const { status, stderr } = spawnSync("gcc", args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

testWith(
  ["program:gcc"],
  "a program has addresses of its interpreter in its code, as klibc's have",
  context => {
    const root = temporaryFolder(context);
    const library = path.join(root, "library");
    build(library, "library.c", "-Wl,-Ttext-segment=0x200000");
    build(path.join(root, "program"), "program.c", `-Wl,--just-symbols=${library}`);
    for (const name of ["library", "program"]) spawnSync("strip", [path.join(root, name)]);
    const { found, gaps } = analyzedBelow(root);
    // sync is an argument; exit_group alone is the library's own.
    const expected = ["getpgid", "getpgrp", "getppid", "getuid", "setsid", "sync"];
    assert.deepEqual(
      found.filter(name => name !== "exit_group"),
      expected,
    );
    assert.deepEqual(gaps, []);
  },
);
