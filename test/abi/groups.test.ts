import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { ABIS } from "../../src/abi/abi.ts";
import { groupMembers, groupOf, groups, systemdGroup, systemdGroups } from "../../src/abi/groups.ts";
import { syscallsOf } from "../../src/abi/syscalls.ts";
import { testWith } from "../support/needs.ts";

const root = path.resolve(import.meta.dirname, "../../..");

test("each call of the tables is in one group, and no group has a name that no table has", () => {
  const names = new Set(ABIS.flatMap(({ name }) => syscallsOf(name).map(call => call.name)));
  const grouped = groups().flatMap(group => groupMembers(group));
  assert.deepEqual(
    [...names].filter(name => groupOf(name) === undefined),
    [],
  );
  assert.deepEqual(
    grouped.filter(name => !names.has(name)),
    [],
  );
  assert.equal(new Set(grouped).size, grouped.length, "a name is in two groups");
  assert.equal(groupOf("openat"), "files");
  assert.equal(groupOf("toString"), undefined);
});

test("the committed systemd groups are what the generator makes", () => {
  execFileSync(process.execPath, ["tools/generate-systemd-groups.js", "--check"], {
    cwd: root,
    stdio: "pipe",
  });
});

test("systemd's groups are resolved", () => {
  assert.ok(systemdGroup("@system-service")?.includes("read"));
  assert.ok(systemdGroup("@system-service")?.includes("clone3"));
  assert.ok(systemdGroup("@system-service")?.includes("mount") === false);
  assert.ok(systemdGroup("@privileged")?.includes("init_module"));
  assert.equal(systemdGroup("@nonesuch"), undefined);
  assert.equal(systemdGroup("constructor"), undefined);
  for (const name of systemdGroups()) {
    assert.ok((systemdGroup(name)?.length ?? 0) > 0, name);
    assert.ok(systemdGroup(name)?.every(member => !member.startsWith("@")));
  }
});

testWith(
  ["program:systemd-analyze"],
  "the systemd of this machine has the same groups, if it is that version",
  t => {
    const version = execFileSync("systemd-analyze", ["--version"], { encoding: "utf8" });
    if (!version.startsWith("systemd 252 ")) {
      t.diagnostic(`another version, not compared: ${version.split("\n")[0]}`);
      return;
    }
    const text = execFileSync("systemd-analyze", ["--no-pager", "syscall-filter"], {
      encoding: "utf8",
      stdio: "pipe",
    });
    const members = new Map<string, string[]>();
    let group: string | undefined;
    for (const line of text.split("\n")) {
      if (line.startsWith("@")) members.set((group = line.trim()), []);
      else if (line.startsWith("#")) group = undefined;
      else if (group !== undefined && /^\s+[@\w]/.test(line)) members.get(group)?.push(line.trim());
    }
    const resolve = (name: string): string[] =>
      (members.get(name) ?? []).flatMap(member => (member.startsWith("@") ? resolve(member) : [member]));
    assert.deepEqual(
      [...members.keys()].filter(name => name !== "@known").sort(),
      [...systemdGroups()].sort(),
    );
    for (const name of systemdGroups()) {
      assert.deepEqual(systemdGroup(name), [...new Set(resolve(name))].sort(), name);
    }
  },
);
