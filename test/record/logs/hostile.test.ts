import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { InputError } from "../../../src/errors.ts";
import { importLogs } from "../../../src/record/logs/import.ts";

const N = 1_000_000;
const LOGS: Readonly<Record<string, string>> = {
  "parentheses, blanks, escapes and equal signs in strace lines": [
    'open("x", 1) = 0',
    `a(${"(".repeat(N)}`,
    `1 ${" ".repeat(N)}`,
    `open("${"\\".repeat(N)}`,
    "x = ".repeat(N / 4),
    `--- ${"-".repeat(N)}`,
    `execve("${'\\"'.repeat(N / 2)}", = 0`,
    `<... open resumed>${" = ".repeat(N / 3)}`,
    "[ Process PID=".repeat(N / 14),
    `open(${")".repeat(N)} = 0`,
  ].join("\n"),
  "repeated beginnings of records": [
    "type=1326 audit(".repeat(60_000),
    `type=1326 audit(1.1:1): ${" pid=".repeat(200_000)}`,
    `type=1326 audit(1790000000.001:1): ${" pid=1 comm=".repeat(80_000)} exe= sig= syscall=1 ip=`,
    "_lost=audit_lost=1 ".repeat(50_000),
    "audit_lost=1 ".repeat(70_000),
    "audit_lost=1\n".repeat(70_000),
  ].join("\n"),
  "the operator's pairs without an end": [
    '{"syscallName":"x"}',
    `"msg"="audit" "syscallName"="${"\\".repeat(N)}`,
    `${'"a"='.repeat(N / 4)}"syscallName"=`,
    `${"{".repeat(N)}"syscallName":`,
  ].join("\n"),
  "nested JSON around a record": `{"MESSAGE":"type=1326 audit(${"[".repeat(N)}\n${'{"a":'.repeat(N / 5)}type=1326 audit(1`,
  "a profile of nothing but nesting": `{"defaultAction":${"[".repeat(N)}`,
};

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

for (const [what, log] of Object.entries(LOGS)) {
  test(`${what} take no more than a moment`, async () => {
    const started = process.cpuUsage();
    try {
      await importLogs(["-"], once(log), { filter: {}, machine: "x86_64", tool: "test" });
    } catch (error) {
      assert.ok(error instanceof InputError, String(error));
    }
    const { user } = process.cpuUsage(started);
    assert.ok(user < 2e6, `${user / 1e6} s`);
  });
}
