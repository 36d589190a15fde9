import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { assert as check, constantFrom, property, subarray } from "fast-check";
import { syscallByName } from "../../src/abi/syscalls.ts";
import { MEASURED_PROGRAMS } from "../../src/profile/co-use.gen.ts";
import { coUse } from "../../src/profile/co-use.ts";
import { ROOT } from "../support/programs.ts";

const callsOf = (program: string): string[] => (MEASURED_PROGRAMS[program]?.[0] ?? "").split(" ");
const idleOf = (program: string): string[] => (MEASURED_PROGRAMS[program]?.[1] ?? "").split(" ");
const PROGRAMS = Object.keys(MEASURED_PROGRAMS);
const NAMES = [...new Set([...PROGRAMS.flatMap(callsOf), ...PROGRAMS.flatMap(idleOf)])].filter(
  name => name !== "",
);

const makers = (call: string): string[] => PROGRAMS.filter(name => callsOf(name).includes(call));
const reach = (call: string): string[] =>
  PROGRAMS.filter(name => callsOf(name).includes(call) || idleOf(name).includes(call));

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
  const calls = callsOf("nginx");
  const alone = calls.filter(call =>
    PROGRAMS.every(name => name === "nginx" || !callsOf(name).includes(call)),
  );
  assert.ok(alone.length > 0);
  const seen = new Set(calls.filter(call => !alone.includes(call)));
  for (const call of alone) assert.ok(coUse(seen)(call) > coUse(seen, ["nginx"])(call), call);
});

test("programs whose code does not reach a call say little against it", () => {
  // No more make the one than the other, but many more could make the second.
  assert.ok(makers("llistxattr").length <= makers("mremap").length);
  assert.ok(reach("llistxattr").length * 3 < reach("mremap").length);
  const likelihood = coUse(new Set("openat read write close newfstatat".split(" ")));
  assert.ok(likelihood("llistxattr") > likelihood("mremap"));
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
