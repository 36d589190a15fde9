import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { analyzeCached, cacheFolder } from "../../src/static/cache.ts";
import { TargetRoot } from "../../src/static/load/root.ts";
import { temporaryFolder } from "../support/compile.ts";

function entries(): string[] {
  return readdirSync(cacheFolder()).filter(name => name.endsWith(".json"));
}

/** The only entry of the cache. */
function entry(): string {
  return path.join(cacheFolder(), entries()[0] ?? "");
}

test("a result comes from the cache until anything that it depends on changes", context => {
  const folder = temporaryFolder(context);
  const before = process.env["XDG_CACHE_HOME"];
  process.env["XDG_CACHE_HOME"] = path.join(folder, "cache");
  context.after(() => {
    if (before === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = before;
  });
  const root = path.join(folder, "root");
  mkdirSync(path.join(root, "lib64"), { recursive: true });
  copyFileSync("/usr/bin/true", path.join(root, "program"));
  const options = {
    root,
    hints: { dlopen: [], resolve: new Map() },
    assumeExec: [],
    phases: false,
    tool: "test",
  };
  const ask = (): string[] => analyzeCached("/program", options).evidence.gaps.map(g => g.reason);

  const first = ask();
  assert.ok(
    first.some(reason => reason.includes("ld-linux")),
    "the loader is not below the root",
  );
  assert.deepEqual(ask(), first);

  // What is in the entry is what is answered: change it, with its digest left as it was, and it is not believed.
  const text = readFileSync(entry(), "utf8");
  writeFileSync(entry(), text.replaceAll("ld-linux", "ld-xxxxx"));
  assert.deepEqual(ask(), first);
  writeFileSync(entry(), text.slice(0, 1000));
  assert.deepEqual(ask(), first);
  writeFileSync(entry(), "");
  assert.deepEqual(ask(), first);

  // A file that was missing appears.
  copyFileSync("/lib64/ld-linux-x86-64.so.2", path.join(root, "lib64/ld-linux-x86-64.so.2"));
  assert.ok(!ask().some(reason => reason.includes("ld-linux")));
  // A file changes.
  copyFileSync("/usr/bin/false", path.join(root, "program"));
  assert.equal(entries().length, 1);
  ask();
});

test("what follows who asks is nothing that a result depends on", context => {
  const root = new TargetRoot("/");
  assert.equal(root.resolve("/proc/self/mounts"), undefined);
  assert.equal(root.resolve("/proc/thread-self/maps"), undefined);
  const folder = temporaryFolder(context);
  symlinkSync("/proc/self/mounts", path.join(folder, "mtab"));
  assert.equal(root.resolve(path.join(folder, "mtab")), undefined);
  const { resolved } = root.journal;
  assert.deepEqual(
    resolved.filter(([, where]) => where.includes(String(process.pid))),
    [],
  );
  assert.ok(root.resolve(`/proc/${process.pid}/exe`) !== undefined, "a process that somebody names is one");
});
