import assert from "node:assert/strict";
import { spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-import-"));
after(() => rmSync(folder, { recursive: true }));

function seccraft(args: readonly string[], input = ""): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, ["bin/seccraft.js", "import", ...args], { encoding: "utf8", input });
}

test("prints a profile to stdout and what is not known to stderr", () => {
  const result = seccraft(["testdata/logs/dmesg-suppressed.log"]);
  assert.equal(result.status, 0, result.stderr);
  const profile = JSON.parse(result.stdout) as { defaultAction: string; syscalls: { names: string[] }[] };
  assert.equal(profile.defaultAction, "SCMP_ACT_ERRNO");
  assert.ok(profile.syscalls.flatMap(rule => rule.names).includes("openat"));
  assert.match(result.stderr, /printk_ratelimit.*\(\d+\); run `seccraft complain prepare`/);
});

test("reads standard input, filters, saves the evidence and the result", () => {
  const [evidence, output] = [path.join(folder, "e.json"), path.join(folder, "names")];
  const log = readFileSync("testdata/logs/audit-raw.log", "utf8");
  const options = ["--comm", "three-calls", "--since", "2020-01-01", "--format", "names"];
  const result = seccraft([...options, "--evidence", evidence, "-o", output, "-"], log);
  assert.equal(result.status, 0, result.stderr);
  assert.equal(result.stdout, "");
  assert.match(readFileSync(output, "utf8"), /^brk\nexit_group\ngetpid\ngetppid\n/);
  assert.match(readFileSync(evidence, "utf8"), /"abi":"i386"/);
});

test("the same input gives the same bytes", () => {
  const args = ["--format", "evidence", "testdata/logs/strace-f.log", "testdata/logs/syslog-iso.log"];
  assert.equal(seccraft(args).stdout, seccraft(args).stdout);
});

const BAD: readonly [what: string, args: string[], reason: RegExp][] = [
  ["a file that is not there", ["none.log"], /none\.log: no such file/],
  ["a folder", ["testdata"], /directory/],
  ["a text without records", ["package.json"], /holds no seccomp record/],
  [
    "a filter that leaves nothing",
    ["--comm", "nobody", "testdata/logs/dmesg.log"],
    /no record passes the filter/,
  ],
  ["a time that is none", ["--since", "yesterday", "testdata/logs/dmesg.log"], /not a time/],
  ["a pid that is none", ["--pid", "x", "testdata/logs/dmesg.log"], /process id/],
  ["an unknown machine", ["--machine", "pdp11", "testdata/logs/dmesg.log"], /must be one of/],
  ["no file", [], /missing required argument/],
];

for (const [what, args, reason] of BAD) {
  test(`${what} ends with 2 and one clear line`, () => {
    const result = seccraft(args);
    assert.equal(result.status, 2, result.stderr);
    assert.match(result.stderr, reason);
    assert.equal(result.stdout, "");
    assert.doesNotMatch(result.stderr, /\n\s+at /);
  });
}

function record(serial: number, number: number): string {
  return `audit: type=1326 audit(1790000000.000:${serial}): pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=${number} compat=0 ip=0x1 code=0x7ffc0000\n`;
}

test("--follow tells new calls as they are appended, through a rotation, until ^C", async () => {
  const log = path.join(folder, "growing.log");
  const evidence = path.join(folder, "followed.json");
  writeFileSync(log, record(1, 0));
  const child = spawn(process.execPath, [
    "bin/seccraft.js",
    "import",
    "--follow",
    "--evidence",
    evidence,
    log,
  ]);
  let output = "";
  child.stdout.on("data", chunk => {
    output += String(chunk);
  });
  const until = async (text: string): Promise<void> => {
    for (let i = 0; i < 100 && !output.includes(text); i++) await sleep(100);
    assert.ok(output.includes(text), output);
  };
  try {
    await until("read\tx86_64\t/a\n");
    appendFileSync(log, record(2, 1) + record(3, 0) + record(4, 2).slice(0, 50));
    await until("write\tx86_64\t/a\n");
    appendFileSync(log, record(4, 2).slice(50));
    await until("open\tx86_64\t/a\n");
    renameSync(log, `${log}.1`);
    writeFileSync(log, record(5, 3));
    await until("close\tx86_64\t/a\n");
    const ended = new Promise<number | null>(resolve => child.on("exit", resolve));
    child.kill("SIGINT");
    assert.equal(await ended, 0);
    assert.equal(output.trim().split("\n").length, 4);
    assert.match(readFileSync(evidence, "utf8"), /"syscall":"read","executable":"\/a","count":2/);
  } finally {
    child.kill("SIGKILL");
  }
});
