import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-"));
after(() => rmSync(folder, { recursive: true }));

function lint(...args: string[]): SpawnSyncReturns<string> {
  const all = ["bin/seccraft.js", "lint", "--arch", "x86_64", "--kernel", "6.1", ...args];
  return spawnSync(process.execPath, all, { encoding: "utf8", timeout: 60_000 });
}

test("findings have a place, a rule and what to do; the exit code follows --fail-on", () => {
  const ran = lint("testdata/lint/mask-zero/fail.json");
  assert.equal(ran.status, 1, ran.stderr);
  assert.match(
    ran.stdout,
    /^testdata\/lint\/mask-zero\/fail\.json:10:9: syscalls\[0\]\.args\[0\]: error: .* \[mask-zero\]$/m,
  );
  assert.match(ran.stdout, /Put the mask into `value`/);
  const note = "testdata/lint/duplicate-name/fail.json";
  assert.equal(lint("--fail-on", "error", "--ignore", "missing-exit-calls=a fragment", note).status, 0);
  assert.equal(lint("--fail-on", "note", "--ignore", "missing-exit-calls=a fragment", note).status, 1);
});

test("SARIF names the rules, the places and the suppressions", () => {
  const ran = lint(
    "--format",
    "sarif",
    "--ignore",
    "missing-exit-calls=a fragment",
    "testdata/lint/mask-zero/fail.json",
  );
  const log = JSON.parse(ran.stdout) as {
    version: string;
    runs: {
      tool: { driver: { rules: { id: string }[] } };
      results: { ruleId: string; ruleIndex: number; suppressions?: { justification: string }[] }[];
    }[];
  };
  assert.equal(log.version, "2.1.0");
  const [run] = log.runs;
  assert.ok(run !== undefined);
  for (const result of run.results) assert.equal(run.tool.driver.rules[result.ruleIndex]?.id, result.ruleId);
  const suppressed = run.results.find(result => result.ruleId === "missing-exit-calls");
  assert.equal(suppressed?.suppressions?.[0]?.justification, "a fragment");
});

test("--fix repairs a file in place and leaves what would change its meaning", () => {
  const file = path.join(folder, "p.json");
  copyFileSync("testdata/lint/unused-value-two/fail.json", file);
  lint("--fix", file);
  assert.doesNotMatch(readFileSync(file, "utf8"), /valueTwo/);
  assert.doesNotMatch(lint(file).stdout, /unused-value-two/);
});

test("--score explains every point, --rules lists the rules, a wrong rule is a usage error", () => {
  const ran = lint("--score", "testdata/lint/high-risk-call/fail.json");
  const score = /: (\d+) of 100 \(Docker's default: (\d+)\)/.exec(ran.stdout);
  const lost = [...ran.stdout.matchAll(/^ {2}-([\d.]+) /gm)].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );
  assert.equal(Math.round(100 - lost), Number(score?.[1]));
  assert.match(lint("--rules").stdout, /^mask-zero: A mask of 0 compares nothing \(error\)$/m);
  assert.equal(lint("--ignore", "nonsense=x", "testdata/lint/mask-zero/fail.json").status, 2);
  assert.equal(lint().status, 2);
});
