import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../src/errors.ts";
import { baselineOf, judgeRun, type Behaviour } from "../../src/minimize/behaviour.ts";
import { chanceOfFailures, repeatsFor } from "../../src/minimize/flakiness.ts";
import { parseSuccess, type SuccessSpec } from "../../src/minimize/success.ts";

function behaviour(more: Partial<Behaviour> = {}): Behaviour {
  return {
    failure: undefined,
    exit: { code: 0, signal: null },
    seconds: 0.1,
    output: "one 1\ntwo 2\n",
    appended: {},
    statuses: {},
    killed: false,
    leftBehind: false,
    ...more,
  };
}

const baseline = baselineOf([behaviour(), behaviour()]);

function reason(
  specs: readonly string[],
  more: Partial<Behaviour>,
  expected: number | "any" = 0,
): string | undefined {
  const parsed = specs.map(parseSuccess).filter((spec): spec is SuccessSpec => spec !== undefined);
  return judgeRun(behaviour(more), baseline, parsed, expected === "any" ? undefined : expected).reason;
}

test("the end of a run always counts", () => {
  assert.equal(reason([], {}), undefined);
  assert.match(reason([], { exit: { code: 3, signal: null } }) ?? "", /exit code 3/);
  assert.match(
    reason([], { exit: { code: null, signal: "SIGSEGV" } }, "any") ?? "",
    /SIGSEGV instead of exit code 0/,
  );
  assert.match(reason([], { killed: true }, "any") ?? "", /SIGTERM/);
  assert.equal(reason([], { failure: "not ready" }), "not ready");
});

test("output, exact, but for a pattern, and by a pattern", () => {
  assert.equal(reason(["output"], {}), undefined);
  assert.match(reason(["output"], { output: "one 1\ntwo 3\n" }) ?? "", /"two 3" where "two 2" was/);
  assert.match(reason(["output"], { output: "one 1" }) ?? "", /is missing/);
  assert.equal(reason(["output-but:\\d+"], { output: "one 8\ntwo 9\n" }), undefined);
  assert.match(reason(["output-but:\\d+"], { output: "one 8\nten 9\n" }) ?? "", /different/);
  assert.equal(reason(["output:^two"], {}), undefined);
  assert.match(reason(["output:^three"], {}) ?? "", /no output matches/);
});

test("new error lines, statuses and time", () => {
  assert.match(reason(["errors"], { output: "one 1\nfatal: disk\n" }) ?? "", /"fatal: disk"/);
  assert.equal(reason(["errors"], { output: "all is well\n" }), undefined);
  assert.match(reason(["errors:log"], { appended: { log: "Permission denied\n" } }) ?? "", /denied/);
  const known = baselineOf([behaviour({ output: "error 12 at 0x7f\n", statuses: { "http://h/": 404 } })]);
  const judged = (specs: SuccessSpec[], more: Partial<Behaviour>): string | undefined =>
    judgeRun(behaviour(more), known, specs, 0).reason;
  assert.equal(judged([{ kind: "errors", file: undefined }], { output: "error 99 at 0x80\n" }), undefined);
  const http: SuccessSpec = { kind: "http", url: "http://h/" };
  assert.equal(judged([http], { statuses: { "http://h/": 404 } }), undefined);
  assert.match(judged([http], { statuses: { "http://h/": 500 } }) ?? "", /answered with 500/);
  assert.match(judged([http], {}) ?? "", /was not answered/);
  assert.match(reason(["time:2"], { seconds: 0.3 }) ?? "", /0.30 s, more than 0.20 s/);
  assert.equal(reason(["time:2"], { seconds: 0.15 }), undefined);
});

test("differences that do not matter are told", () => {
  const judged = judgeRun(behaviour({ output: "warning: slow clock\n", seconds: 0.9 }), baseline, [], 0);
  assert.equal(judged.reason, undefined);
  const left = judgeRun(behaviour({ leftBehind: true }), baseline, [], 0);
  assert.deepEqual(left, { reason: undefined, differences: ["it left processes behind"] });
  assert.deepEqual(judged.differences, ['"warning: slow clock"', "slower: 0.90 s instead of 0.10 s"]);
});

test("success specs that make no sense are refused in one line", () => {
  for (const text of [
    "",
    "exit:3",
    "output:",
    "output:(",
    "output-but",
    "http:",
    "http:nowhere",
    "time",
    "time:0",
    "wish",
  ]) {
    assert.throws(
      () => parseSuccess(text),
      (error: unknown) => error instanceof UsageError && !error.message.includes("\n"),
      text,
    );
  }
  assert.equal(parseSuccess("exit"), undefined);
});

test("failures at random: how often one must be seen", () => {
  assert.equal(chanceOfFailures(0, 0, 1), 0.5);
  assert.ok(Math.abs(chanceOfFailures(1, 20, 1) - 2 / 22) < 1e-12);
  assert.equal(repeatsFor(1, 20, 20), 3);
  assert.equal(repeatsFor(12, 20, 20), undefined);
});
