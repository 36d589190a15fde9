import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-"));
after(() => rmSync(folder, { recursive: true }));
const HOST = ["--arch", "x86_64", "--kernel", "6.1"];
const FAIL = "testdata/lint/high-risk-call/fail.json";
const PASS = "testdata/lint/high-risk-call/pass.json";
const trace = path.join(folder, "trace");
writeFileSync(trace, 'socket(AF_INET, SOCK_STREAM, 0) = 3\nread(3, "", 1) = 0\n');
const evidence = path.join(folder, "evidence.json");
writeFileSync(
  evidence,
  JSON.stringify({
    seccraft: "evidence/1",
    runs: [
      {
        id: "1",
        source: "ebpf",
        purpose: "observe",
        target: { kind: "command", argv: ["x"] },
        tool: "seccraft 0.1.0",
        finished: true,
      },
    ],
    observations: [{ run: "1", abi: "x86_64", number: 41, syscall: "socket", count: 1 }],
    gaps: [],
  }),
);

/** Each schema with commands whose output must be valid by it; the first of them finds something. */
const OUTPUTS: readonly [schema: string, ...commands: string[][]][] = [
  ["subset-1", ["subset", "--json", FAIL, PASS], ["subset", "--json", PASS, FAIL]],
  ["simulate-1", ["simulate", "--json", PASS, "socket", "AF_INET"], ["simulate", "--json", PASS, "read"]],
  ["simulate-trace-1", ["simulate", "--json", PASS, "--strace", trace]],
  ["diff-1", ["diff", "--json", PASS, FAIL], ["diff", "--json", PASS, PASS]],
  ["lint-1", ["lint", "--json", FAIL, "testdata/lint/refused-by-libseccomp/fail.json"]],
  ["check-1", ["check", "--json", "--profile", PASS, "--evidence", evidence]],
];

for (const [name, ...commands] of OUTPUTS) {
  test(`schema/${name}.json describes what is printed, and nothing else`, () => {
    const validate = new Ajv2020({ strict: true }).compile(
      JSON.parse(readFileSync(`schema/${name}.json`, "utf8")) as object,
    );
    for (const [index, [command = "", ...args]] of commands.entries()) {
      const ran = spawnSync(process.execPath, ["bin/seccraft.js", command, ...HOST, ...args], {
        encoding: "utf8",
      });
      assert.equal(ran.status, index === 0 ? 1 : 0, ran.stderr);
      const value = JSON.parse(ran.stdout) as Record<string, unknown>;
      assert.ok(validate(value), JSON.stringify(validate.errors));
      assert.ok(!validate({ ...value, unknown: 1 }));
    }
  });
}
