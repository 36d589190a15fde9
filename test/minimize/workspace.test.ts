import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { Workspace } from "../../src/minimize/workspace.ts";
import { temporaryFolder } from "../support/compile.ts";

function folderOf(context: TestContext, files: number): string {
  const folder = temporaryFolder(context);
  for (let i = 0; i < files; i++) writeFileSync(path.join(folder, `file${i}`), "text");
  return folder;
}

test("a small folder is copied for every run, whatever untouched runs do", context => {
  const folder = folderOf(context, 3);
  const workspace = Workspace.open(folder, [], temporaryFolder(context), "auto");
  workspace.stopCopying();
  const copy = workspace.enter();
  assert.ok(copy !== undefined && copy !== folder);
  writeFileSync(path.join(copy, "file0"), "eaten");
  assert.equal(workspace.leave(copy), true);
  assert.ok(!existsSync(copy));
  const next = workspace.enter() ?? "";
  assert.equal(readFileSync(path.join(next, "file0"), "utf8"), "text");
  assert.equal(workspace.leave(next), false);
  assert.equal(workspace.harmed, false);
});

test("a larger one is used as it is when nothing changes it, and looked at again", context => {
  const folder = folderOf(context, 300);
  const workspace = Workspace.open(folder, [path.join(folder, "journal")], temporaryFolder(context), "auto");
  const copy = workspace.enter();
  assert.ok(copy !== undefined);
  assert.equal(workspace.leave(copy), false);
  workspace.stopCopying();
  assert.equal(workspace.enter(), undefined);
  writeFileSync(path.join(folder, "journal"), "ours");
  assert.equal(workspace.harmed, false);
  writeFileSync(path.join(folder, "lock"), "left");
  assert.equal(workspace.harmed, true);
});

test("never means never, always always", context => {
  const folder = folderOf(context, 300);
  assert.equal(Workspace.open(folder, [], temporaryFolder(context), "never").enter(), undefined);
  const always = Workspace.open(folder, [], temporaryFolder(context), "always");
  always.stopCopying();
  assert.notEqual(always.enter(), undefined);
});
