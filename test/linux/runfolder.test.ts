import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import process from "node:process";
import type { TestContext } from "node:test";
import { MachineError } from "../../src/errors.ts";
import { createCgroup } from "../../src/linux/cgroup.ts";
import { processStat } from "../../src/linux/processes.ts";
import { openRunFolder } from "../../src/linux/runfolder.ts";
import { temporaryFolder } from "../support/compile.ts";
import { testWith } from "../support/needs.ts";

/** TMPDIR for the time of one test; these tests run one after the other. */
function useTemporary(context: TestContext): { temporary: string; base: string } {
  const temporary = temporaryFolder(context);
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = temporary;
  context.after(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  });
  return { temporary, base: path.join(temporary, `seccraft-${process.getuid?.()}`) };
}

/** The name that a process had which has ended: our namespace, a pid, a start time at which nothing started. */
function deadName(): string {
  return `${statSync("/proc/self/ns/pid").ino}-${process.pid}-1-0`;
}

testWith(["linux"], "a folder is private, holds what is noted, and goes with it", async t => {
  const { temporary, base } = useTemporary(t);
  const { folder, cleaned } = await openRunFolder();
  assert.deepEqual(cleaned, []);
  assert.equal(statSync(folder.path).mode & 0o777, 0o700);
  assert.equal(statSync(base).mode & 0o777, 0o700);
  const elsewhere = path.join(temporary, "elsewhere");
  const kept = path.join(temporary, "kept");
  folder.note({ kind: "file", path: elsewhere });
  const noted = folder.note({ kind: "file", path: kept });
  for (const made of [elsewhere, kept]) writeFileSync(made, "");
  folder.forget(noted);
  const other = (await openRunFolder()).folder;
  assert.notEqual(other.path, folder.path);
  await folder.close();
  assert.equal(existsSync(elsewhere), false);
  assert.equal(existsSync(kept), true);
  assert.deepEqual(readdirSync(base), [path.basename(other.path)]);
  await other.close();
  assert.equal(existsSync(base), false);
});

testWith(
  ["linux", "root"],
  "what dead runs left is removed and named, whatever state they left it in",
  async t => {
    const { temporary, base } = useTemporary(t);
    mkdirSync(base, { mode: 0o700 });
    const dead = path.join(base, deadName());
    mkdirSync(dead);
    const cgroup = createCgroup(() => undefined);
    const folder = path.join(temporary, "made");
    mkdirSync(folder);
    writeFileSync(path.join(folder, "file"), "");
    const notes = [
      { kind: "cgroup", name: cgroup.name },
      { kind: "file", path: folder },
      { kind: "file", path: path.join(temporary, "never made") },
    ];
    appendFileSync(
      path.join(dead, "leftovers"),
      `${notes.map(note => JSON.stringify(note)).join("\n")}\n{"kind":"fi`,
    );
    // Not ours to judge: a live process, another namespace, another program's name.
    const others = [
      deadName().replace("-1-0", `-${processStat(process.pid)?.started}-0`),
      deadName().replace(/^\d+/, "1"),
      "notes",
    ];
    for (const name of others) mkdirSync(path.join(base, name));
    const next = await openRunFolder();
    assert.deepEqual(next.cleaned, [folder, `cgroup ${cgroup.name}`, dead]);
    assert.equal(existsSync(cgroup.path), false);
    assert.equal(existsSync(folder), false);
    assert.deepEqual(new Set(readdirSync(base)), new Set([...others, path.basename(next.folder.path)]));
    await next.folder.close();
  },
);

testWith(["linux"], "a trap in the shared folder is refused", async t => {
  const { temporary, base } = useTemporary(t);
  mkdirSync(path.join(temporary, "mine"), { mode: 0o700 });
  symlinkSync(path.join(temporary, "mine"), base);
  await assert.rejects(openRunFolder(), MachineError);
  spawnSync("rm", [base]);
  mkdirSync(base, { mode: 0o755 });
  await assert.rejects(openRunFolder(), /not a folder of your own that is closed to others/);
  spawnSync("rmdir", [base]);
  writeFileSync(base, "");
  await assert.rejects(openRunFolder(), MachineError);
  if (process.getuid?.() === 0) {
    spawnSync("rm", [base]);
    mkdirSync(base, { mode: 0o700 });
    spawnSync("chown", ["65534", base]);
    await assert.rejects(openRunFolder(), MachineError);
  }
});
