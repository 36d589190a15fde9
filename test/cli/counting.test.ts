import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { printEvidence } from "../../src/evidence/codec.ts";
import { joinEvidence, NO_EVIDENCE } from "../../src/evidence/join.ts";
import type { Evidence, Observation, Run } from "../../src/evidence/model.ts";
import { PROGRAM } from "../support/cli.ts";
import { temporaryFolder } from "../support/programs.ts";

const CALL = { abi: "x86_64" } as const;
const RECORDED: Run = {
  id: "a",
  source: "ebpf",
  purpose: "observe",
  target: { kind: "command", argv: ["web"] },
  tool: "seccraft",
  finished: true,
};
const ANALYSED: Run = {
  ...RECORDED,
  id: "b",
  source: "static",
  purpose: "analyze",
  target: { kind: "file", path: "/bin/web" },
};
const READ: Observation = { ...CALL, run: "a", number: 0, syscall: "read", executable: "/bin/web" };
const SOCKET: Observation = {
  ...CALL,
  run: "b",
  number: 41,
  syscall: "socket",
  executable: "/bin/web",
  path: [{ file: "/bin/web", function: "main" }],
};

function seccraft(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8", timeout: 60_000 });
}

function evidence(runs: readonly Run[], observations: readonly Observation[]): Evidence {
  return joinEvidence({ ...NO_EVIDENCE, runs, observations });
}

test("of evidence that holds both, what was observed counts; of an analysis alone, what is reachable", context => {
  const folder = temporaryFolder(context);
  const file = (name: string, content: Evidence): string => {
    const where = path.join(folder, name);
    writeFileSync(where, printEvidence(content));
    return where;
  };
  const crafted = file("crafted.json", evidence([RECORDED, ANALYSED], [READ, SOCKET]));
  const analysed = file("analysed.json", evidence([ANALYSED], [SOCKET]));
  const profile = path.join(folder, "profile.json");
  const allowed = (...args: string[]): boolean[] => {
    const { status, stdout, stderr } = seccraft(...args);
    assert.equal(status, 0, stderr);
    return ["read", "socket"].map(name => stdout.includes(`"${name}"`));
  };
  assert.deepEqual(allowed("merge", crafted), [true, false]);
  assert.deepEqual(allowed("merge", analysed), [false, true]);
  assert.deepEqual(allowed("merge", crafted, analysed), [true, true]);
  assert.deepEqual(allowed("import", crafted), [true, false]);
  assert.deepEqual(allowed("import", crafted, analysed), [true, true]);
  assert.deepEqual(allowed("import", "--format", "evidence", crafted), [true, true]);
  writeFileSync(profile, seccraft("merge", crafted).stdout);
  assert.equal(seccraft("check", "--profile", profile, "--evidence", crafted).status, 0);
  assert.equal(seccraft("check", "--profile", profile, "--evidence", analysed).status, 1);
  assert.match(seccraft("explain", analysed, "socket").stdout, /why: reachable in web/);
  assert.match(seccraft("explain", crafted, "read").stdout, /why: observed in web/);
});
