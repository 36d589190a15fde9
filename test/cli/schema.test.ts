import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { testWith } from "../support/needs.ts";

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

/** Prints JSON and ends well. */
function printed(...args: string[]): Record<string, unknown> {
  const ran = spawnSync(process.execPath, ["bin/seccraft.js", ...args], {
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.equal(ran.status, 0, ran.stderr);
  return JSON.parse(ran.stdout) as Record<string, unknown>;
}

function schemaOf(name: string): object {
  return JSON.parse(readFileSync(`schema/${name}.json`, "utf8")) as object;
}

testWith(
  ["linux"],
  "the schemas of analyze, doctor and minimize describe what is printed, and nothing else",
  () => {
    const ajv = new Ajv2020({ discriminator: true }).addSchema(schemaOf("evidence-1"));
    const search = [
      "minimize",
      "--json",
      "--jobs",
      "1",
      "--journal",
      path.join(folder, "journal"),
      "--",
      "/bin/true",
    ];
    for (const [name, ...args] of [
      ["analyze-1", "analyze", "--json", "/bin/true"],
      ["doctor-1", "doctor", "--json"],
      ["complain-status-1", "complain", "status", "--json"],
      ["minimize-report-1", ...search],
    ] as const) {
      const validate = ajv.compile(schemaOf(name));
      const value = printed(...args);
      assert.ok(validate(value), `${name}: ${JSON.stringify(validate.errors)}`);
      assert.ok(!validate({ ...value, unknown: 1 }), name);
    }
  },
);
