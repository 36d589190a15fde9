import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { abiByAudit } from "../../../src/abi/abi.ts";
import { compareText } from "../../../src/evidence/canonical.ts";
import type { Evidence } from "../../../src/evidence/model.ts";
import { importLogs } from "../../../src/record/logs/import.ts";
import type { LogFilter } from "../../../src/record/logs/filter.ts";
import { render } from "./expected.ts";

// ausearch -i prints the local time of its reader.
process.env["TZ"] = "UTC";

const folder = "testdata/logs";
const logs = readdirSync(folder)
  .filter(name => /\.(?:log(?:\.\d+)?|json)$/.test(name))
  .sort();

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function imported(names: readonly string[], filter: LogFilter = {}): Promise<Evidence> {
  const files = names.map(name => path.join(folder, name));
  return importLogs(files, nothing(), { filter, machine: "x86_64", tool: "test" });
}

/** In order of the keys. */
function sorted(sums: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...sums].sort(([a], [b]) => compareText(a, b)));
}

/** Counts by ABI and syscall, whoever made the call and whatever came of it. */
function counts(evidence: Evidence): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { abi, syscall, count = 0 } of evidence.observations) {
    sums.set(`${abi} ${syscall}`, (sums.get(`${abi} ${syscall}`) ?? 0) + count);
  }
  return sorted(sums);
}

test("there are forty variants and more", () => {
  assert.ok(logs.length >= 40, String(logs.length));
});

for (const name of logs) {
  test(`${name} gives the expected evidence`, async () => {
    const text = render(await imported([name]));
    const file = path.join(folder, `${name}.expected`);
    if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(file, text);
    assert.equal(text, existsSync(file) ? readFileSync(file, "utf8") : "");
  });
}

/** Finds records in the simplest way there is. */
function grepped(name: string): Record<string, number> {
  const sums = new Map<string, number>();
  for (const line of readFileSync(path.join(folder, name), "latin1").split("\n")) {
    const match = /\barch=([0-9a-f]+) syscall=(\d+) compat/.exec(line);
    if (match === null || line.includes(" audit[") || line.includes('"SECCOMP auid')) continue;
    const number = Number(match[2]);
    const abi = abiByAudit(Number.parseInt(match[1] ?? "", 16), number)?.name;
    sums.set(`${abi} ${number}`, (sums.get(`${abi} ${number}`) ?? 0) + 1);
  }
  return sorted(sums);
}

for (const name of logs.filter(log => /^(?:dmesg|kmsg|syslog|audit)/.test(log))) {
  test(`${name} holds just what a plain search of arch= and syscall= finds`, async () => {
    const { observations } = await imported([name]);
    const sums = new Map<string, number>();
    for (const { abi, number, count = 0 } of observations) {
      sums.set(`${abi} ${number}`, (sums.get(`${abi} ${number}`) ?? 0) + count);
    }
    assert.deepEqual(sorted(sums), grepped(name));
  });
}

test("every form of one dmesg gives the same calls", async () => {
  const plain = counts(await imported(["dmesg.log"]));
  assert.ok(Object.keys(plain).length > 20);
  for (const name of logs.filter(log => /^(?:dmesg(?!-suppressed)|kmsg|syslog)/.test(log))) {
    assert.deepEqual(counts(await imported([name])), plain, name);
  }
});

test("raw, searched, enriched and interpreted logs of auditd agree", async () => {
  const raw = counts(await imported(["audit-raw.log"]));
  for (const name of [
    "ausearch.log",
    "ausearch-interpreted.log",
    "audit-enriched.log",
    "auditd-foreground.log",
  ]) {
    assert.deepEqual(counts(await imported([name])), raw, name);
  }
});

test("every form of one journal gives the same calls, though each record is in it twice", async () => {
  const json = await imported(["journal-json.log"]);
  for (const name of logs.filter(log => log.startsWith("journal-"))) {
    assert.deepEqual(counts(await imported([name])), counts(json), name);
  }
  const text = readFileSync(path.join(folder, "journal-cat.log"), "utf8");
  const twice = text.split("\n").filter(line => line.includes("syscall=")).length;
  const sum = Object.values(counts(json)).reduce((a, b) => a + b, 0);
  assert.equal(sum * 2, twice);
});

test("strace's options change nothing in what is found", async () => {
  const plain = counts(await imported(["strace-f.log"]));
  assert.ok(
    Object.keys(plain).some(key => key.startsWith("i386 ")),
    "a 32-bit program is recognised",
  );
  for (const option of [
    "C",
    "i",
    "k",
    "n",
    "pidns",
    "q",
    "r",
    "t",
    "T",
    "times",
    "tt",
    "ttt",
    "xx",
    "y",
    "Y",
  ]) {
    assert.deepEqual(counts(await imported([`strace-${option}.log`])), plain, option);
  }
  assert.deepEqual(
    counts(await imported(logs.filter(name => name.startsWith("strace-ff.log")))),
    plain,
    "ff",
  );
});

/** Calls that may not return: the table counts only what did. */
function mayNotReturn(key: string): boolean {
  return ["exit_group", "rt_sigsuspend", "wait4"].includes(key.replace(/^.* /, ""));
}

test("the table of strace -c agrees with the trace, but for exits, which never return", async () => {
  const traced = counts(await imported(["strace-f.log"]));
  const table = counts(await imported(["strace-c-f.log"]));
  for (const [key, count] of Object.entries(traced)) {
    if (!mayNotReturn(key)) assert.equal(table[key], count, key);
  }
});

test("a file of strace -ff takes its executable from the parent's file", async () => {
  const evidence = await imported(logs.filter(name => name.startsWith("strace-ff.log")));
  const names = new Set(evidence.observations.map(o => o.executable));
  assert.deepEqual(names, new Set(["./three-calls", "/bin/true", "/usr/bin/sh", undefined]));
  const second = evidence.observations.filter(o => o.run === evidence.runs[1]?.id);
  assert.ok(second.every(o => o.executable !== undefined));
});

test("filters by process, executable and time leave just what they say", async () => {
  const all = await imported(["audit-raw.log"]);
  const some = await imported(["audit-raw.log"], { comms: new Set(["three-calls"]) });
  assert.deepEqual([...new Set(some.observations.map(o => o.executable))], ["/opt/probe/three-calls"]);
  const byPath = await imported(["audit-raw.log"], { executables: new Set(["/opt/probe/three-calls"]) });
  assert.deepEqual(counts(byPath), counts(some));
  const byName = await imported(["audit-raw.log"], { executables: new Set(["with blank"]) });
  assert.ok(byName.observations.length > 0);
  assert.ok(byName.observations.every(o => o.executable === "/opt/probe/with blank"));
  const text = readFileSync(path.join(folder, "audit-raw.log"), "utf8");
  const [, time = "", pid = ""] = /audit\((\d+\.\d+):\d+\): .* pid=(\d+) comm="three-calls"/.exec(text) ?? [];
  const byPid = await imported(["audit-raw.log"], { pids: new Set([Number(pid)]) });
  const lines = text.split("\n").filter(line => line.includes(` pid=${pid} `)).length;
  assert.equal(
    Object.values(counts(byPid)).reduce((a, b) => a + b, 0),
    lines,
  );
  const at = Number(time);
  const before = await imported(["audit-raw.log"], { until: at - 0.001 });
  const after = await imported(["audit-raw.log"], { since: at });
  const sum = (e: Evidence): number => Object.values(counts(e)).reduce((a, b) => a + b, 0);
  assert.equal(sum(before) + sum(after), sum(all));
  assert.ok(sum(after) > 0 && sum(before) >= 0);
});

test("a filter that a log cannot answer leaves the records out and says so", async () => {
  const evidence = await imported(["strace-t.log"], { since: 0 });
  assert.equal(evidence.observations.length, 0);
  assert.match(evidence.gaps[0]?.reason ?? "", /do not tell what the filter asks for/);
  const container = await imported(["made-operator.log"], { containers: new Set(["web"]) });
  assert.deepEqual(counts(container), { "x86_64 close": 1, "x86_64 exit_group": 1 });
});

test("the same log twice is the same run", async () => {
  const once = await imported(["dmesg.log"]);
  assert.deepEqual(await imported(["dmesg.log", "dmesg.log"]), once);
});
