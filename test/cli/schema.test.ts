import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { program } from "../../src/cli/program.ts";
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

const search = ["--jobs", "1", "--journal", path.join(folder, "journal"), "--", "/bin/true"];

interface Case {
  readonly schema: string;
  readonly args: readonly string[];
  /** How it ends; 0 when absent. */
  readonly code?: number;
  /** Whether the same question has the same answer, byte by byte: not where something is run or measured. */
  readonly pure?: true;
}

const CASES: readonly Case[] = [
  { schema: "subset-1", args: ["subset", ...HOST, FAIL, PASS], code: 1, pure: true },
  { schema: "subset-1", args: ["subset", ...HOST, PASS, FAIL], pure: true },
  { schema: "simulate-1", args: ["simulate", ...HOST, PASS, "socket", "AF_INET"], code: 1, pure: true },
  { schema: "simulate-1", args: ["simulate", ...HOST, PASS, "read"], pure: true },
  { schema: "simulate-trace-1", args: ["simulate", ...HOST, PASS, "--strace", trace], code: 1, pure: true },
  { schema: "diff-1", args: ["diff", ...HOST, PASS, FAIL], code: 1, pure: true },
  { schema: "diff-1", args: ["diff", ...HOST, PASS, PASS], pure: true },
  {
    schema: "lint-1",
    args: ["lint", ...HOST, FAIL, "testdata/lint/refused-by-libseccomp/fail.json"],
    code: 1,
    pure: true,
  },
  { schema: "lint-1", args: ["lint", ...HOST, "--score", PASS], code: 1, pure: true },
  { schema: "lint-rules-1", args: ["lint", "--rules"], pure: true },
  { schema: "explain-1", args: ["explain", ...HOST, PASS], pure: true },
  { schema: "explain-1", args: ["explain", ...HOST, evidence, "socket"], pure: true },
  {
    schema: "check-1",
    args: ["check", ...HOST, "--profile", PASS, "--evidence", evidence],
    code: 1,
    pure: true,
  },
  { schema: "templates-1", args: ["template"], pure: true },
  { schema: "evidence-1", args: ["import", trace], pure: true },
  { schema: "analyze-1", args: ["analyze", "/bin/true"], pure: true },
  { schema: "evidence-1", args: ["record", "--", "/bin/true"] },
  { schema: "craft-1", args: ["craft", "--", "/bin/true"] },
  { schema: "craft-1", args: ["craft", "--no-analyze", "--runs", "2", "--", "/bin/true"] },
  { schema: "minimize-report-1", args: ["minimize", ...search] },
  { schema: "doctor-1", args: ["doctor"] },
  { schema: "complain-status-1", args: ["complain", "status"] },
];

function schemaOf(name: string): object {
  return JSON.parse(readFileSync(`schema/${name}.json`, "utf8")) as object;
}

function seccraft(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ["bin/seccraft.js", ...args], { encoding: "utf8", timeout: 60_000 });
}

for (const { schema, args, code = 0, pure } of CASES) {
  const [command = "", ...rest] = args;
  const shown = [command, "--json", ...rest].join(" ").replaceAll(`${folder}/`, "");
  testWith(["linux"], `${shown}: as schema/${schema}.json says, and nothing else`, () => {
    const ajv = new Ajv2020({ discriminator: true });
    if (schema !== "evidence-1") ajv.addSchema(schemaOf("evidence-1"));
    const validate = ajv.compile(schemaOf(schema));
    // `complain status --json`: an option goes with the last command.
    const sub = command === "complain" ? [...args, "--json"] : [command, "--json", ...rest];
    const ran = seccraft(...sub);
    assert.equal(ran.status, code, ran.stderr);
    const value = JSON.parse(ran.stdout) as Record<string, unknown>;
    assert.ok(validate(value), JSON.stringify(validate.errors));
    assert.ok(!validate({ ...value, unknown: 1 }));
    assert.equal(Object.keys(value)[0], "seccraft");
    assert.match(String(value["seccraft"]), /^[a-z-]+\/\d+$/);
    assert.match(ran.stdout, /^\{\n {2}"seccraft": [^]*\n\}\n$/);
    if (pure === true) assert.equal(seccraft(...sub).stdout, ran.stdout);
  });
}

test("every schema is one that a command prints by", () => {
  const printed = new Set(CASES.map(({ schema }) => `${schema}.json`));
  assert.deepEqual(
    readdirSync("schema").filter(name => !printed.has(name)),
    [],
  );
});

test("every command has --json and is tried here, or `help json` says why not", async () => {
  const { TOPICS } = await import("../../src/cli/topics.ts");
  const topic = TOPICS.find(({ name }) => name === "json")?.text ?? "";
  const reasons = topic.slice(topic.indexOf("have no --json"));
  for (const command of (await program()).commands) {
    const all = [command, ...command.commands];
    const offers = all.some(each => each.options.some(({ long }) => long === "--json"));
    const name = command.name();
    if (offers)
      assert.ok(
        CASES.some(({ args }) => args[0] === name),
        `${name} is not tried`,
      );
    else assert.match(reasons, new RegExp(`^ {2}.*\\b${name}\\b`, "m"));
  }
});

test("what goes wrong is no JSON", () => {
  for (const args of [
    ["lint", "--json", "/no/such/file"],
    ["diff", "--json", PASS, "/no/such/file"],
    ["template", "--json", "web"],
    ["craft", "--json", "--", "no-such-command"],
  ]) {
    const { status, stdout, stderr } = seccraft(...args);
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, /^seccraft: /m);
  }
});
