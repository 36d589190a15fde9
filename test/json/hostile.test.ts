import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { InputError } from "../../src/errors.ts";
import { parseProfile, readProfileFile } from "../../src/profile/parse.ts";
import { testWith } from "../support/needs.ts";

const ALLOW = '"action":"SCMP_ACT_ALLOW"';

/** Texts that must be refused, with what the message must say. */
const REFUSED: readonly [string, string, RegExp][] = [
  ["1 MB of arrays", "[".repeat(1 << 20), /^p\.json:1:65: nested deeper than 64 levels$/],
  ["1 MB of objects", '{"a":'.repeat(200_000), /^p\.json:1:321: nested deeper/],
  ["NaN", '{"defaultAction":NaN}', /^p\.json:1:18: 'NaN' is not JSON$/],
  ["comment", "// hello\n{}", /^p\.json:1:1: JSON has no comments$/],
  [
    "lone surrogate",
    '{"defaultAction":"\\ud800"}',
    /^p\.json:1:18: a string holds half of a surrogate pair$/,
  ],
  [
    "duplicate",
    '{"defaultAction":"SCMP_ACT_ALLOW",\n "defaultAction":"SCMP_ACT_KILL"}',
    /^p\.json:2:2: "defaultAction" is given twice/,
  ],
  ["trailing text", '{"defaultAction":"SCMP_ACT_ALLOW"} x', /^p\.json:1:36: more text after the end/],
  ["two values", "{}{}", /^p\.json:1:3: more text/],
  ["empty", "", /^p\.json:1:1: a JSON value is missing: found the end of the file$/],
  ["open string", '{"defaultAction":"SCMP', /^p\.json:1:18: a string is not closed$/],
  ["control character", '{"defaultAction":"a\tb"}', /control character U\+0009/],
  ["byte order mark", '\ufeff{"defaultAction":"SCMP_ACT_ALLOW"}', /byte order mark/],
  ["leading zero", '{"defaultErrnoRet":01}', /not a JSON number/],
  ["list", "[]", /^p\.json:1:1: must be an object, not an array$/],
  ["no default", "{}", /"defaultAction" is missing/],
  [
    "action",
    '{"defaultAction":"SCMP_ACT_ALOW"}',
    /^p\.json:1:18: defaultAction: unknown action "SCMP_ACT_ALOW"; did you mean SCMP_ACT_ALLOW\?$/,
  ],
  [
    "arch",
    '{"defaultAction":"SCMP_ACT_KILL","architectures":["SCMP_ARCH_X64"]}',
    /architectures\[0\]: unknown architecture/,
  ],
  ["flag", '{"defaultAction":"SCMP_ACT_KILL","flags":["X"]}', /flags\[0\]: unknown flag "X"/],
  [
    "no names",
    `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{${ALLOW}}]}`,
    /syscalls\[0\]: "names" must hold at least one syscall/,
  ],
  [
    "empty names",
    `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":[],${ALLOW}}]}`,
    /syscalls\[0\]\.names: "names" must hold/,
  ],
  [
    "name and names",
    `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"name":"read","names":["write"],${ALLOW}}]}`,
    /exclude each other/,
  ],
  [
    "archMap",
    '{"defaultAction":"SCMP_ACT_KILL","architectures":[],"archMap":[]}',
    /"architectures" and "archMap" exclude each other/,
  ],
  [
    "misspelt field",
    `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":["read"],${ALLOW},"arg":[]}]}`,
    /unknown field "arg"; did you mean args\?/,
  ],
  [
    "index",
    `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":["read"],${ALLOW},"args":[{"index":6,"value":0,"op":"SCMP_CMP_EQ"}]}]}`,
    /args\[0\]\.index: must be at most 5, not 6/,
  ],
  [
    "op",
    `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":["read"],${ALLOW},"args":[{"index":0,"value":0,"op":"EQ"}]}]}`,
    /args\[0\]\.op: unknown operator "EQ"/,
  ],
  [
    "value 2^64",
    `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":["read"],${ALLOW},"args":[{"index":0,"value":18446744073709551616,"op":"SCMP_CMP_EQ"}]}]}`,
    /does not fit into 64 bits/,
  ],
  [
    "negative value",
    `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":["read"],${ALLOW},"args":[{"index":0,"value":-1,"op":"SCMP_CMP_EQ"}]}]}`,
    /must be an integer from 0/,
  ],
  [
    "fraction",
    `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":["read"],${ALLOW},"args":[{"index":0,"value":1.0,"op":"SCMP_CMP_EQ"}]}]}`,
    /must be an integer from 0/,
  ],
  ["errno", '{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":4095}', /must be at most 4094/],
  [
    "number for a name",
    `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":[1],${ALLOW}}]}`,
    /names\[0\]: must be a string, not 1/,
  ],
  [
    "name",
    `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":["re ad"],${ALLOW}}]}`,
    /is not a syscall name/,
  ],
];

for (const [name, text, message] of REFUSED) {
  test(`a profile is refused in one line: ${name}`, () => {
    assert.throws(
      () => parseProfile(text, "p.json"),
      (error: unknown) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        assert.ok(!error.message.includes("\n"));
        assert.ok(error.message.length < 300);
        return true;
      },
    );
  });
}

const BIG = `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":[${Array.from({ length: 1_000_000 }, (_, i) => `"n${i}"`).join(",")}],${ALLOW}}]}`;
const HOSTILE: readonly [string, string][] = [
  ["nested", "[".repeat(1 << 20)],
  ["names", BIG],
  ["keys", `{${Array.from({ length: 300_000 }, (_, i) => `"k${i}":1`).join(",")}}`],
  ["string", `{"defaultAction":"${"x".repeat(20_000_000)}"}`],
  ["number", `{"defaultErrnoRet":${"9".repeat(1_000_000)}}`],
];

testWith(["linux", "file:/usr/bin/time"], "hostile profiles cost less than a second and 300 MB", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-"));
  try {
    const parser = path.join(import.meta.dirname, "../../src/profile/parse.js");
    const code = `import(${JSON.stringify(parser)}).then(m => m.readProfileFile(process.argv[1])).catch(e => { console.log(e.message); process.exitCode = e.exitCode; })`;
    for (const [name, text] of HOSTILE) {
      const file = path.join(folder, `${name}.json`);
      writeFileSync(file, text);
      // Processor time: others may use the processors at the same time.
      const args = ["-f", "%M %U %S", process.execPath, "-e", code, file];
      const result = spawnSync("/usr/bin/time", args, { encoding: "utf8", timeout: 20_000 });
      assert.equal(result.status, 2, `${name}: ${result.stdout}${result.stderr}`);
      assert.equal(result.stdout.trimEnd().split("\n").length, 1, name);
      const [kilobytes = 0, user = 0, system = 0] = (result.stderr.trim().split("\n").at(-1) ?? "")
        .split(" ")
        .map(Number);
      assert.ok(kilobytes < 300_000, `${name}: ${kilobytes} kB`);
      assert.ok(user + system < 1, `${name}: ${user + system} s`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

testWith(["linux"], "what is no regular file is refused at once", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-"));
  try {
    const fifo = path.join(folder, "fifo");
    assert.equal(spawnSync("mkfifo", [fifo]).status, 0);
    assert.throws(() => readProfileFile(fifo), /is not a regular file/);
    assert.throws(() => readProfileFile(folder), /is a directory, not a file/);
    assert.throws(() => readProfileFile("/dev/zero"), /is not a regular file/);
    assert.throws(() => readProfileFile(path.join(folder, "none")), /no such file/);
    const bytes = path.join(folder, "bytes");
    writeFileSync(bytes, Buffer.from([0x7b, 0xff]));
    assert.throws(() => readProfileFile(bytes), /is not UTF-8 text/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
