import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { assert as check, constantFrom, property, subarray } from "fast-check";
import { syscallByName } from "../../src/abi/syscalls.ts";
import { MEASURED_PROGRAMS } from "../../src/profile/co-use.gen.ts";
import { coUse } from "../../src/profile/co-use.ts";
import { ROOT } from "../support/programs.ts";

const NAMES = [...new Set(Object.values(MEASURED_PROGRAMS).flatMap(calls => calls.split(" ")))];

test("the table is what its tool makes of the measurements, and knows only calls that exist", () => {
  execFileSync(process.execPath, ["tools/generate-co-use.js", "--check"], { cwd: ROOT, stdio: "pipe" });
  for (const name of NAMES) assert.ok(syscallByName("x86_64", name) !== undefined, name);
});

test("what programs alike make is likelier than what others make", () => {
  const server = coUse(new Set("socket bind listen accept4 epoll_ctl epoll_wait".split(" ")));
  const tool = coUse(new Set("openat read write getdents64 unlink rename".split(" ")));
  assert.ok(server("setsockopt") > tool("setsockopt"));
  assert.ok(server("setsockopt") > server("mknodat"));
});

test("a program that is left out does not answer for itself", () => {
  const calls = (MEASURED_PROGRAMS["nginx"] ?? "").split(" ");
  const alone = calls.filter(call =>
    Object.entries(MEASURED_PROGRAMS).every(
      ([name, made]) => name === "nginx" || !made.split(" ").includes(call),
    ),
  );
  assert.ok(alone.length > 0);
  const seen = new Set(calls.filter(call => !alone.includes(call)));
  for (const call of alone) assert.ok(coUse(seen)(call) > coUse(seen, "nginx")(call), call);
});

test("a likelihood lies between 0 and 1, and is 0 when nothing that was seen is known", () => {
  check(
    property(subarray(NAMES), constantFrom(...NAMES), (seen, call) => {
      const likelihood = coUse(new Set(seen))(call);
      assert.ok(likelihood >= 0 && likelihood <= 1 + 1e-9);
      if (seen.length === 0) assert.equal(likelihood, 0);
    }),
    { numRuns: 50 },
  );
});
