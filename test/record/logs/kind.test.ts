import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { joinEvidence } from "../../../src/evidence/join.ts";
import { printEvidence } from "../../../src/evidence/codec.ts";
import type { Evidence } from "../../../src/evidence/model.ts";
import { importLogs } from "../../../src/record/logs/import.ts";
import { kindOfLog } from "../../../src/record/logs/kind.ts";
import { deriveProfile } from "../../../src/profile/derive.ts";

async function read(text: string): Promise<Evidence> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  return importLogs(["-"], chunks(), { filter: {}, machine: "x86_64", tool: "test" });
}

function head(name: string): string {
  return readFileSync(`testdata/logs/${name}`, "utf8");
}

test("the kind is told by content", () => {
  assert.equal(kindOfLog(head("journal-json.log")), "records");
  assert.equal(kindOfLog(head("ausearch-interpreted.log")), "records");
  assert.equal(kindOfLog(head("strace-c.log")), "strace");
  assert.equal(kindOfLog(head("strace-c-columns.log")), "strace");
  assert.equal(kindOfLog(head("strace-terminal.log")), "strace");
  assert.equal(kindOfLog(head("made-operator.log")), "operator");
  assert.equal(kindOfLog('{"defaultAction": "SCMP_ACT_ALLOW"}'), "profile");
  assert.equal(kindOfLog('{\n  "seccraft": "evidence/1",\n'), "evidence");
  assert.equal(kindOfLog("Nov  3 12:00:00 n systemd[1]: Started foo(bar) = 1\n"), "records");
});

test("evidence that was imported can be imported again, and is the same", async () => {
  const evidence = await importLogs(["testdata/logs/dmesg.log"], (async function* () {})(), {
    filter: {},
    machine: "x86_64",
    tool: "test",
  });
  assert.deepEqual(await read(printEvidence(evidence)), evidence);
});

test("a profile comes in as what it allows, its conditions as gaps", async () => {
  const evidence = await read(
    JSON.stringify({
      defaultAction: "SCMP_ACT_ERRNO",
      architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
      syscalls: [
        { names: ["read", "mmap2"], action: "SCMP_ACT_ALLOW" },
        { names: ["write"], action: "SCMP_ACT_LOG" },
        { names: ["close"], action: "SCMP_ACT_KILL" },
        {
          names: ["personality"],
          action: "SCMP_ACT_ALLOW",
          args: [{ index: 0, value: 8, op: "SCMP_CMP_EQ" }],
        },
      ],
    }),
  );
  const allowed = evidence.observations.map(o => `${o.abi} ${o.syscall}`);
  assert.deepEqual(allowed, [
    "x86_64 read",
    "x86_64 write",
    "x86_64 personality",
    "i386 read",
    "i386 write",
    "i386 personality",
    "i386 mmap2",
  ]);
  assert.deepEqual(
    evidence.gaps.map(gap => gap.reason.replace(/ for some.*/, "")),
    ["the profile allows personality on i386", "the profile allows personality on x86_64"],
  );
  assert.equal(evidence.runs[0]?.source, "profile");
});

test("a profile that allows all but a few comes in as all but those", async () => {
  const evidence = await read(
    JSON.stringify({
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["mount"], action: "SCMP_ACT_ERRNO" }],
    }),
  );
  const names = new Set(evidence.observations.map(o => o.syscall));
  assert.ok(names.has("read") && names.has("umount2") && names.size > 300);
  assert.ok(!names.has("mount"));
});

test("logs, evidence and profiles join into one profile", async () => {
  const log = await importLogs(["testdata/logs/strace-plain.log"], (async function* () {})(), {
    filter: {},
    machine: "x86_64",
    tool: "test",
  });
  const profile = await read(
    '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["socket"],"action":"SCMP_ACT_ALLOW"}]}',
  );
  const { document } = deriveProfile(joinEvidence(log, profile));
  const names = document.syscalls?.flatMap(rule => rule.names) ?? [];
  assert.ok(names.includes("socket") && names.includes("newfstatat") && !names.includes("connect"));
});
