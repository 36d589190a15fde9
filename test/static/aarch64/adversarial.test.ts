import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { analyzeFile } from "../../../src/static/analyze.ts";
import { ModuleStore } from "../../../src/static/load/modules.ts";
import { repository, temporaryFolder } from "../../support/compile.ts";
import { testWith } from "../../support/needs.ts";

const LIBRARIES = "/usr/aarch64-linux-gnu/lib";
/** What this machine has in place of x86-64's. */
const INSTEAD: Readonly<Record<string, string>> = { clone3: "clone", mkdir: "mkdirat", accept: "accept4" };
/** What glibc does only by request: its code is another on each machine. */
const SOURCES = [
  "mutex-ceiling.c",
  "mutex-looked-up.c",
  "mutex-own-memory.c",
  "mutex-plain.c",
  "mutex-protected.c",
  "mutex-shared.c",
  "mutex-shared-condition.c",
  "mutex-shared-fixed.c",
  "mutex-shared-later-syscall.c",
  "mutex-shared-later.c",
  "mutex-shared-looked-up.c",
  "mutex-shared-over-data.c",
  "mutex-shared-pointer.c",
  "mutex-shared-policy.c",
  "mutex-shared-scheduler.c",
  "mutex-shared-syscall.c",
  "mutex-shared-unused.c",
  "mutex-shared-variable.c",
  "random-and-poll.c",
  "random-like.c",
  "random-plain.c",
  "stream-closed.c",
  "stream-plain.c",
  "temporary-folder.c",
  "thread-attributes.c",
  "thread-exit.c",
  "thread-like-this.c",
  "thread-rpc.c",
  "wide-read.c",
];

function said(text: string, key: string): string[] {
  const line = new RegExp(`^// ${key}: (.*)$`, "m").exec(text)?.[1] ?? "";
  return line.split(/\s+/).flatMap(word => (word === "" ? [] : [INSTEAD[word] ?? word]));
}

testWith(
  ["program:aarch64-linux-gnu-gcc", `file:${LIBRARIES}/libc.so.6`],
  "small programs for aarch64 hide nothing that glibc does by request",
  context => {
    const root = temporaryFolder(context);
    mkdirSync(path.join(root, "lib"));
    for (const name of ["libc.so.6", "ld-linux-aarch64.so.1"])
      cpSync(path.join(LIBRARIES, name), path.join(root, "lib", name), { dereference: true });
    const store = new ModuleStore();
    for (const name of SOURCES) {
      const source = path.join(repository, "testdata/static/c", name);
      const text = readFileSync(source, "utf8");
      const isShared = said(text, "builds").includes("shared");
      const flags = isShared ? ["-shared", "-fPIC", "-Wl,-soname,libtest.so"] : [];
      const args = ["-O2", "-w", ...flags, "-o", path.join(root, "program"), source];
      const built = spawnSync("aarch64-linux-gnu-gcc", args, { encoding: "utf8" });
      assert.equal(built.status, 0, built.stderr);
      const { evidence } = analyzeFile(
        "/program",
        {
          root,
          hints: { dlopen: [], resolve: new Map() },
          assumeExec: [],
          phases: false,
          tool: "test",
        },
        store,
      );
      const found = new Set(
        evidence.observations.flatMap(o => (o.label === "container-runtime" ? [] : [o.syscall])),
      );
      const [kind, inside] = said(text, "gap");
      const places = evidence.gaps.flatMap(gap => (gap.kind === "shared-memory" ? [gap.place] : []));
      assert.deepEqual(
        places.map(place => [place?.file, place?.function]),
        kind === undefined ? [] : [["/program", inside]],
        name,
      );
      for (const wanted of said(text, "finds")) assert.ok(found.has(wanted), `${name}: no ${wanted}`);
      for (const absent of [
        ...said(text, "absent"),
        "uname",
        ...(name === "stream-closed.c" ? [] : ["execve"]),
      ])
        assert.ok(!found.has(absent), `${name}: ${absent} is found`);
    }
  },
);
