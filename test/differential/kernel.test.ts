import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { abiByName, type AbiName } from "../../src/abi/abi.ts";
import { syscallsOf } from "../../src/abi/syscalls.ts";
import { interpret } from "../../src/bpf/interpret.ts";
import { decodeProgram } from "../../src/bpf/program.ts";
import { InputError } from "../../src/errors.ts";
import { compileProfile } from "../../src/profile/compile.ts";
import type { Host, ProfileDocument, RuleDocument } from "../../src/profile/document.ts";
import { printProfile } from "../../src/profile/print.ts";
import { type Profile, resolveProfile } from "../../src/profile/resolve.ts";
import { verdict } from "../../src/profile/verdict.ts";
import { compileC } from "../support/libseccomp.ts";
import { testWith } from "../support/needs.ts";
import { Random } from "../support/random.ts";
import { type Call, interestingValue, randomConditions } from "../support/random-profiles.ts";

const HOST: Host = { abi: "x86_64", capabilities: [], kernel: "6.1" };
const NAMES = [...new Set([...syscallsOf("x86_64"), ...syscallsOf("i386")].map(call => call.name))];
const X32_BIT = 0x4000_0000;
const ENOSYS = 38;
/** uretprobe and uprobe on x86_64: seccomp lets them pass unasked (kernel/seccomp.c, seccomp_uprobe_exception). */
const EXEMPT: ReadonlySet<number> = new Set([335, 336]);

/** Resolves a document without the rules that libseccomp would refuse. */
function resolveWhatWorks(document: ProfileDocument): { document: ProfileDocument; profile: Profile } {
  let kept = document;
  for (;;) {
    try {
      return { document: kept, profile: resolveProfile(kept, HOST) };
    } catch (error) {
      const field = error instanceof InputError ? /^syscalls\[(\d+)\]$/.exec(error.place.field ?? "") : null;
      if (field === null) throw error;
      const refused = Number(field[1]);
      kept = { ...kept, syscalls: kept.syscalls?.filter((_, index) => index !== refused) ?? [] };
    }
  }
}

/** A profile in which every rule, and the default, answers with an errno of its own. */
function probeProfile(random: Random): { document: ProfileDocument; profile: Profile } {
  const syscalls: RuleDocument[] = Array.from({ length: 400 }, (_, index) => {
    const args = random.chance(0.9) ? randomConditions(random, 4) : [];
    // Many rules for few calls, so that they overlap.
    const name = index === 0 ? "file_setattr" : random.pick(index % 2 === 0 ? NAMES : NAMES.slice(0, 60));
    const rule: RuleDocument = { names: [name], action: "SCMP_ACT_ERRNO", errnoRet: 100 + index };
    return args.length === 0 ? rule : { ...rule, args };
  });
  return resolveWhatWorks({
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 99,
    architectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    syscalls,
  });
}

function probeCalls(random: Random, document: ProfileDocument): Call[] {
  const conditions = (document.syscalls ?? []).flatMap(rule => rule.args ?? []);
  const args = (): bigint[] =>
    [0, 1, 2, 3, 4, 5].map(() => {
      if (random.chance(0.5)) return interestingValue(random);
      const { value, valueTwo } = random.pick(conditions);
      return (random.chance(0.5) ? value : (valueTwo ?? value + 1n)) & 0xffff_ffff_ffff_ffffn;
    });
  const calls: Call[] = [];
  for (let number = 0; number < 1024; number++) {
    if (!EXEMPT.has(number)) calls.push({ abi: "x86_64", number, args: args() });
    calls.push({ abi: "i386", number, args: args().map(value => value & 0xffff_ffffn) });
    calls.push({ abi: "x32", number: number + X32_BIT, args: args() });
  }
  return calls;
}

function encodeCalls(calls: readonly Call[]): Uint8Array {
  const words = calls.flatMap(call => [call.abi === "i386" ? 1n : 0n, BigInt(call.number), ...call.args]);
  return new Uint8Array(new BigUint64Array(words).buffer);
}

function audit(abi: AbiName): number {
  return abiByName(abi)?.audit ?? 0;
}

testWith(
  ["linux", "program:cc"],
  "the kernel answers every number from 0 to 1023 under 50 filters as the interpreter does",
  context => {
    const probe = compileC("profile/probe.c");
    const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-"));
    const random = new Random(20_261_124);
    const answers = new Map<string, number>();
    try {
      const files = ["filter", "calls", "results"].map(name => path.join(folder, name));
      const [filterFile = "", callsFile = "", resultsFile = ""] = files;
      for (let round = 0; round < 50; round++) {
        const { document, profile } = probeProfile(random);
        const calls = probeCalls(random, document);
        const bytes = compileProfile(profile);
        const program = decodeProgram(bytes);
        writeFileSync(filterFile, bytes);
        writeFileSync(callsFile, encodeCalls(calls));
        const run = spawnSync(probe, files, { encoding: "utf8", timeout: 10_000 });
        assert.equal(run.signal, "SIGILL", run.stderr);
        const results = readFileSync(resultsFile);
        for (const [index, call] of calls.entries()) {
          const kernel = results.readUInt32LE(index * 4);
          const context = (): string =>
            `${call.abi} ${call.number} ${call.args.join(" ")}\n${printProfile(document)}`;
          const { value } = interpret(program, {
            number: call.number,
            arch: audit(call.abi),
            args: call.args,
          });
          if (value !== 0x0005_0000 + kernel)
            assert.fail(`kernel ${kernel}, interpreter ${value}: ${context()}`);
          const action = verdict(profile, call.abi, call.number, call.args);
          if (action.kind !== "errno" || action.errno !== kernel)
            assert.fail(`model ${action.kind}: ${context()}`);
          const kind = kernel === 99 ? "default" : kernel === ENOSYS ? "stub" : "rule";
          answers.set(kind, (answers.get(kind) ?? 0) + 1);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    context.diagnostic(`${JSON.stringify([...answers])} answers`);
    assert.ok((answers.get("rule") ?? 0) > 1000);
    assert.ok((answers.get("stub") ?? 0) > 1000);
  },
);
