import assert from "node:assert/strict";
import { test } from "node:test";
import { abiByName, type AbiName } from "../../src/abi/abi.ts";
import { interpret, type SeccompData } from "../../src/bpf/interpret.ts";
import { decodeProgram } from "../../src/bpf/program.ts";
import { InputError } from "../../src/errors.ts";
import { decodeAction, encodeAction, letsThrough, NOTIFY } from "../../src/profile/action.ts";
import { compileProfile, compileProgram, compileUniform } from "../../src/profile/compile.ts";
import type { Host } from "../../src/profile/document.ts";
import { parseProfile } from "../../src/profile/parse.ts";
import { printProfile } from "../../src/profile/print.ts";
import { type Profile, resolveProfile } from "../../src/profile/resolve.ts";
import { verdict } from "../../src/profile/verdict.ts";
import { Random } from "../support/random.ts";
import { randomCall, randomProfile, type ProfileShape } from "../support/random-profiles.ts";
import { syscallsOf } from "../../src/abi/syscalls.ts";

const HOST: Host = { abi: "x86_64", capabilities: [], kernel: "6.1" };
const NAMES = syscallsOf("x86_64").map(call => call.name);
const ABIS: readonly AbiName[] = ["x86_64", "i386", "x32", "aarch64"];
const WIDE: ProfileShape = {
  rules: 120,
  conditions: 4,
  names: NAMES,
  architectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"],
};

function resolve(
  random: Random,
  host: Host,
): { document: ReturnType<typeof randomProfile>; profile: Profile } {
  for (;;) {
    const document = randomProfile(random, WIDE);
    try {
      return { document, profile: resolveProfile(document, host) };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
}

test("a compiled profile decides as the profile does, ENOSYS stub and all, on both byte orders", () => {
  const random = new Random(7);
  for (let round = 0; round < 60; round++) {
    const host: Host = round % 3 === 0 ? { ...HOST, abi: "s390x" } : HOST;
    const { document, profile } = resolve(random, host);
    const bigEndian = host.abi === "s390x";
    const program = compileProgram(profile);
    const notify = compileProgram(profile, { denyAs: () => NOTIFY });
    for (let i = 0; i < 200; i++) {
      const call = randomCall(random, document, bigEndian ? ["s390x", "s390"] : ABIS);
      const data = { number: call.number, arch: abiByName(call.abi)?.audit ?? 0, args: call.args };
      const action = verdict(profile, call.abi, call.number, call.args);
      assert.deepEqual(decodeAction(interpret(program, data, bigEndian).value), action);
      const answer = decodeAction(interpret(notify, data, bigEndian).value);
      assert.deepEqual(answer, letsThrough(action) ? action : NOTIFY);
    }
  }
});

const data = (number: number): SeccompData => ({ number, arch: 0xc000_003e, args: [] });

test("frequent calls take fewer instructions, verdicts stay", () => {
  const names = NAMES.filter((_, index) => index % 2 === 0);
  const document = parseProfile(
    JSON.stringify({ defaultAction: "SCMP_ACT_ERRNO", syscalls: [{ names, action: "SCMP_ACT_ALLOW" }] }),
    "p.json",
  );
  const profile = resolveProfile(document, HOST);
  const hot = 200;
  const frequencies = new Map([
    [
      "x86_64" as const,
      new Map([
        [hot, 1000],
        [0, 1],
      ]),
    ],
  ]);
  const plain = compileProgram(profile);
  const tuned = compileProgram(profile, { frequencies });
  assert.ok(interpret(tuned, data(hot)).steps < interpret(plain, data(hot)).steps);
  for (let number = 0; number < 600; number++) {
    assert.equal(interpret(tuned, data(number)).value, interpret(plain, data(number)).value);
  }
});

test("the bytes of a program read back", () => {
  const { profile } = resolve(new Random(1), HOST);
  assert.deepEqual(decodeProgram(compileProfile(profile)), compileProgram(profile));
  assert.deepEqual(
    interpret(decodeProgram(compileUniform(NOTIFY)), { number: 1, arch: 1, args: [] }).value,
    encodeAction(NOTIFY),
  );
});

test("parse undoes print on 10,000 random profiles", () => {
  const random = new Random(3);
  for (let round = 0; round < 10_000; round++) {
    const document = randomProfile(random, { ...WIDE, rules: 6 });
    assert.deepEqual(parseProfile(printProfile(document), "p.json"), document);
  }
});

function many(count: number): string {
  return JSON.stringify({
    defaultAction: "SCMP_ACT_ERRNO",
    syscalls: Array.from({ length: count }, (_, i) => ({
      names: ["ioctl"],
      action: "SCMP_ACT_ALLOW",
      args: [{ index: 1, value: i * 7, op: "SCMP_CMP_EQ" }],
    })),
  });
}

test("thousands of conditions on one call are refused in one line, or compiled, in little time", () => {
  const program = compileProgram(resolveProfile(parseProfile(many(1500), "p.json"), HOST));
  assert.ok(program.length > 1500);
  assert.throws(() => resolveProfile(parseProfile(many(20_000), "p.json"), HOST), /1500 at most/);
  const deep = JSON.stringify({
    defaultAction: "SCMP_ACT_ERRNO",
    syscalls: Array.from({ length: 60 }, (_, i) => ({
      names: ["ioctl"],
      action: "SCMP_ACT_ALLOW",
      args: [0, 1, 2, 3, 4, 5].map(index => ({
        index,
        value: (i * 7919 * (index + 1)) % 1_000_003,
        op: ["SCMP_CMP_LT", "SCMP_CMP_NE", "SCMP_CMP_GE"][(i + index) % 3],
      })),
    })),
  });
  assert.throws(
    () => resolveProfile(parseProfile(deep, "p.json"), HOST),
    /combine to more tests than a filter can hold/,
  );
});
