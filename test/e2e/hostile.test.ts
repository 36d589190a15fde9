import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { Playground, PROGRAM } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";

const rules = (text: string): string => `{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [${text}] }`;

/** Profiles that are out to hurt whoever reads them. */
const HOSTILE: Readonly<Record<string, () => string>> = {
  "1 MB of nesting": () => "[".repeat(1 << 20),
  "1 MB of nesting where a rule is due": () => rules("[".repeat(1 << 20)),
  "1 MB of nested objects": () => '{"a":'.repeat(1 << 18),
  NaN: () => '{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": NaN }',
  "a lone surrogate": () => '{ "defaultAction": "SCMP_ACT_\\ud800" }',
  "a lone surrogate in a name": () => rules('{ "names": ["re\\udc00ad"], "action": "SCMP_ACT_ALLOW" }'),
  "bytes that are not UTF-8": () => "\u00ff\u00fe\u0000",
  "duplicate keys": () => '{ "defaultAction": "SCMP_ACT_ERRNO", "defaultAction": "SCMP_ACT_ALLOW" }',
  "10^6 names": () =>
    rules(
      `{ "names": [${Array.from({ length: 1_000_000 }, (_, i) => `"n${i}"`).join()}], "action": "SCMP_ACT_ALLOW" }`,
    ),
  "10^6 times the same name": () =>
    rules(
      `{ "names": [${Array.from({ length: 1_000_000 }, () => '"read"').join()}], "action": "SCMP_ACT_BAD" }`,
    ),
  "trailing text": () => `${rules("")} x`,
  "an index over 5": () =>
    rules(
      '{ "names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 6, "value": 0, "op": "SCMP_CMP_EQ" }] }',
    ),
};

testWith(
  ["linux", "file:/usr/bin/time"],
  "run --profile refuses a hostile profile in one line, soon and in little memory",
  async context => {
    const play = new Playground(context);
    for (const [name, content] of Object.entries(HOSTILE)) {
      const file = play.path("profile.json");
      writeFileSync(file, content(), name.startsWith("bytes") ? "latin1" : "utf8");
      const command = ["/usr/bin/time", "-o", play.path("cost"), "-f", "%U %S %M", process.execPath, PROGRAM];
      const ended = await play.run(["run", "--profile", file, "--", "true"], { command, timeoutMs: 20_000 });
      assert.equal(ended.code, 2, `${name}: ${ended.stderr.slice(0, 500)}`);
      assert.match(ended.stderr, /^seccraft: [^\n]{1,400}\n$/, name);
      assert.match(ended.stderr, /profile\.json/, name);
      const lines = readFileSync(play.path("cost"), "utf8").trim().split("\n");
      const [user = 0, system = 0, kilobytes = 0] = (lines.at(-1) ?? "").split(" ").map(Number);
      // Processor time: the wall's would be that of the other tests as well.
      assert.ok(user + system < 1, `${name}: ${user + system} s`);
      assert.ok(kilobytes < 300_000, `${name}: ${kilobytes} KB`);
    }
  },
);

testWith(
  ["linux", "program:mkfifo"],
  "run --profile does not wait for a FIFO, a terminal or a folder",
  async context => {
    const play = new Playground(context);
    spawnSync("mkfifo", [play.path("fifo")]);
    for (const file of [play.path("fifo"), play.folder, "/dev/zero", "/dev/tty", play.path("none")]) {
      const started = performance.now();
      const ended = await play.run(["run", "--profile", file, "--", "true"], { timeoutMs: 20_000 });
      assert.equal(ended.code, 2, file);
      assert.match(ended.stderr, /^seccraft: [^\n]+\n$/);
      assert.ok(performance.now() - started < 5000, file);
    }
  },
);
