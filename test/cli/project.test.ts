import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { splitCommand } from "../../src/cli/init.ts";
import { parseProject } from "../../src/cli/project.ts";
import { parseReady } from "../../src/engine/ready.ts";
import { InputError } from "../../src/errors.ts";
import { testWith } from "../support/needs.ts";
import { ROOT, temporaryFolder } from "../support/programs.ts";

const SECCRAFT = path.join(ROOT, "bin/seccraft.js");

function seccraft(cwd: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [SECCRAFT, ...args], { encoding: "utf8", cwd });
}

const WRONG: readonly (readonly [string, RegExp])[] = [
  [
    "command: [ls]\nreddy: tcp:1\n",
    /^f:2:1: reddy: is not a known setting; known are .*; did you mean ready\?$/,
  ],
  ["command: ls\n", /^f:1:10: command: must be a list$/],
  ["command: []\n", /^f:1:10: command: must name a program$/],
  ["command:\n  - ls\n  - {a: b}\n", /^f:3:5: command\[1\]: must be text$/],
  ["runs: 3\n", /^f:1:1: command or image is missing$/],
  ["command: [ls]\nanalyze: maybe\n", /^f:2:10: analyze: must be true or false$/],
  [
    "command: [ls]\nanalyze: false\npolicy: static\n",
    /^f:2:10: analyze: the policy static needs the analysis$/,
  ],
  ["image: nginx:1\nminimize: true\n", /^f:2:11: minimize: needs output/],
  ["command: [ls]\nruns: many\n", /^f:2:7: runs: must be a whole number from 1 to 100$/],
  ["command: [ls]\nready: tcp:99999\n", /^f:2:8: ready: .*no port between 1 and 65535/],
  ["command: [ls]\npolicy: balnced\n", /^f:2:9: policy: must be one of .*; did you mean balanced\?$/],
  ["command: [ls]\nerrno: EWHAT\n", /^f:2:8: errno: EWHAT is no errno/],
  ["command: [ls\n", /^f:2:1: /],
  ["command: [ls]\ncommand: [ls]\n", /^f:2:1: Map keys must be unique/],
  ["- ls\n", /^f:1:1: must be a mapping/],
  ["", /must be a mapping/],
  ["command: [*x]\n", /^f:1:11: /],
];

for (const [text, expected] of WRONG) {
  test(`a wrong project file is told where it is wrong: ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseProject(text, "f"),
      error =>
        error instanceof InputError && expected.test(error.message) ? true : assert.fail(String(error)),
    );
  });
}

test("a line becomes words as a shell would have it", () => {
  assert.deepEqual(splitCommand(` nginx -g 'daemon off;' "a \\"b\\"" c\\ d e'f'g ''`), [
    "nginx",
    "-g",
    "daemon off;",
    'a "b"',
    "c d",
    "efg",
    "",
  ]);
});

test("what init writes is what craft reads", context => {
  const folder = temporaryFolder(context);
  const argv = ["sh", "-c", "echo '#: {a}'", "yes", "0x10", "- x"];
  const made = seccraft(
    folder,
    "init",
    "--ready",
    "tcp:8080",
    "--exercise",
    "a: b # c",
    "--exercise",
    "true",
    "--runs",
    "5",
    "--runtime",
    "runc",
    "--out",
    "o",
    "--",
    ...argv,
  );
  assert.equal(made.stderr, "wrote seccraft.yaml; now: seccraft craft\n");
  const project = parseProject(readFileSync(path.join(folder, "seccraft.yaml"), "utf8"), "f");
  assert.deepEqual(project, {
    command: argv,
    options: {
      ready: parseReady("tcp:8080"),
      exercise: ["a: b # c", "true"],
      runs: 5,
      policy: "observed",
      analyze: true,
      minimize: false,
      runtime: "runc",
      out: "o",
    },
  });
  assert.match(seccraft(folder, "init", "--", "ls").stderr, /is there already; --force/);
});

test("init writes what to do with an image", context => {
  const folder = temporaryFolder(context);
  const made = seccraft(
    folder,
    "init",
    "--image",
    "nginx:1",
    "--minimize",
    "--no-analyze",
    "--ready",
    "tcp:80",
  );
  assert.equal(made.status, 0, made.stderr);
  const project = parseProject(readFileSync(path.join(folder, "seccraft.yaml"), "utf8"), "f");
  assert.deepEqual(project.command, []);
  assert.equal(project.options.image, "nginx:1");
  assert.equal(project.options.minimize, true);
  assert.equal(project.options.analyze, false);
  assert.equal(project.options.runtime, undefined);
});

test("init refuses what craft would not take, and does not wait for an answer that nobody can give", context => {
  const folder = temporaryFolder(context);
  const wrong = seccraft(folder, "init", "--ready", "tcp:", "--", "ls");
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /no port between/);
  const nobody = seccraft(folder, "init");
  assert.equal(nobody.status, 2);
  assert.match(nobody.stderr, /nobody to ask/);
  assert.equal(existsSync(path.join(folder, "seccraft.yaml")), false);
});

testWith(["program:script"], "init asks on a terminal", context => {
  const folder = temporaryFolder(context);
  const result = spawnSync("script", ["-qec", `${process.execPath} ${SECCRAFT} init`, "/dev/null"], {
    cwd: folder,
    encoding: "utf8",
    timeout: 20_000,
    input: "nginx -g 'daemon off;'\ntcp:nowhere\ntcp:8080\ncurl -sf http://127.0.0.1:8080/\n\n",
  });
  assert.equal(result.status, 0, result.stdout);
  assert.match(result.stdout, /no port between 1 and 65535/);
  const project = parseProject(readFileSync(path.join(folder, "seccraft.yaml"), "utf8"), "f");
  assert.deepEqual(project.command, ["nginx", "-g", "daemon off;"]);
  assert.deepEqual(project.options.exercise, ["curl -sf http://127.0.0.1:8080/"]);
});

testWith(["linux"], "craft without a command does what the file says, options first", context => {
  const folder = temporaryFolder(context);
  const without = seccraft(folder, "craft");
  assert.equal(without.status, 2);
  assert.match(without.stderr, /there is nothing to profile/);
  writeFileSync(
    path.join(folder, "seccraft.yaml"),
    "command: [echo, hello]\nruns: 4\nerrno: EACCES\noutput: made\n",
  );
  const crafted = seccraft(folder, "craft", "--runs", "1", "--recorder", "notify");
  assert.equal(crafted.status, 0, crafted.stderr);
  assert.doesNotMatch(crafted.stderr, /run 1 of 4/);
  const checked = seccraft(folder, "check");
  assert.equal(checked.status, 0, checked.stderr);
  const elsewhere = temporaryFolder(context);
  assert.equal(seccraft(elsewhere, "check").status, 2);
  assert.equal(seccraft(elsewhere, "check", "--project", path.join(folder, "seccraft.yaml")).status, 0);
  const profile = JSON.parse(readFileSync(path.join(folder, "made/profile.json"), "utf8")) as {
    defaultErrnoRet: number;
  };
  assert.equal(profile.defaultErrnoRet, 13);
});
