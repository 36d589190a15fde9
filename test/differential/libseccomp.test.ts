import assert from "node:assert/strict";
import { test } from "node:test";
import { abiByName, type AbiName, ABIS as ABIS_KNOWN } from "../../src/abi/abi.ts";
import { interpret } from "../../src/bpf/interpret.ts";
import { BPF, isConditionalJump, type Program } from "../../src/bpf/program.ts";
import { InputError } from "../../src/errors.ts";
import { type Action, encodeAction } from "../../src/profile/action.ts";
import { compileProgram } from "../../src/profile/compile.ts";
import { DOCKER_CAPABILITIES, type Host, type ProfileDocument } from "../../src/profile/document.ts";
import { resolveForHost } from "../../src/profile/host.ts";
import { parseProfile, readProfileFile } from "../../src/profile/parse.ts";
import { printProfile } from "../../src/profile/print.ts";
import { type Profile, resolveProfile } from "../../src/profile/resolve.ts";
import { verdict } from "../../src/profile/verdict.ts";
import { buildWithLibseccomp, type LibseccompResult, pseudoCode } from "../support/libseccomp.ts";
import { type Need, testWith } from "../support/needs.ts";
import { evaluatePseudoCode } from "../support/pfc.ts";
import { Random } from "../support/random.ts";
import { type Call, randomCall, randomProfile, type ProfileShape } from "../support/random-profiles.ts";

const NEEDS: readonly Need[] = ["linux", "program:cc", "file:/usr/include/seccomp.h"];
const HOST: Host = { abi: "x86_64", capabilities: [], kernel: "6.1" };
const SHAPE: ProfileShape = {
  rules: 10,
  conditions: 3,
  names: ["read", "socket", "ioctl", "clone", "shmat", "stat64", "mmap", "accept", "no_such_call"],
  architectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
};
const ABIS: readonly AbiName[] = ["x86_64", "i386", "x32", "aarch64", "arm", "riscv64"];

function resolve(document: ProfileDocument): Profile | InputError {
  try {
    return resolveProfile(document, HOST, { enosysStub: false, libseccomp: "before-2.6.1" });
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

function show(call: Call): string {
  return `${call.abi} ${call.number} ${call.args.map(arg => `0x${arg.toString(16)}`).join(" ")}`;
}

/** libseccomp's name of an action in its pseudo filter code. */
function pseudoName(action: Action): string {
  if (action.kind === "errno") return `ERRNO(${action.errno})`;
  if (action.kind === "trace") return `TRACE(${action.data})`;
  return action.kind === "kill-thread" ? "KILL" : action.kind.toUpperCase().replace("-", "_");
}

const AUDITS: ReadonlySet<number> = new Set(ABIS_KNOWN.map(abi => abi.audit));

/**
 * Defects of libseccomp's code generator (2.5.4 to 2.6.1), by which its BPF contradicts its own pseudo code:
 * - "stale word": a comparison is reached on two ways with two different words in the accumulator, since
 *   `_gen_bpf_build_bpf` inserts a missing load for the first jump alone (`_hsh_find_once`).
 * - "number not loaded": `_gen_bpf_syscalls` has the first syscall of an ABI load the number, and leaves that one out
 *   when the ABI does not have it; arch is then compared with syscall numbers.
 */
function defectOf(program: Program): "stale word" | "number not loaded" | undefined {
  const held = program.map(() => new Set<string>());
  const flow = (to: number, word: string): void => void held[to]?.add(word);
  for (const [index, at] of program.entries()) {
    for (const word of held[index] ?? []) {
      if (isConditionalJump(at.code)) {
        flow(index + 1 + at.jt, word);
        flow(index + 1 + at.jf, word);
        if (word === "4" && !AUDITS.has(at.k)) return "number not loaded";
      } else if (at.code === BPF.JA) flow(index + 1 + at.k, word);
      else if (at.code === BPF.AND_K) flow(index + 1, `${word}&${at.k}`);
    }
    if (at.code === BPF.LD_ABS) flow(index + 1, `${at.k}`);
  }
  const stale = program.some((at, index) => isConditionalJump(at.code) && (held[index]?.size ?? 0) > 1);
  return stale ? "stale word" : undefined;
}

class Comparison {
  compared = 0;
  calls = 0;
  refused = 0;
  hung = 0;
  /** Profiles where libseccomp's BPF contradicts its own pseudo code, by the defect. */
  readonly defects = new Map<string, number>();

  profile(document: ProfileDocument, result: LibseccompResult, calls: readonly Call[]): void {
    const profile = resolve(document);
    if (profile instanceof InputError || !("program" in result)) {
      const ours = profile instanceof InputError ? profile.reason : "";
      assert.equal(ours.includes("EEXIST"), "errno" in result, `${ours}\n${printProfile(document)}`);
      assert.equal(ours.includes("hang"), "signal" in result, `${ours}\n${printProfile(document)}`);
      if ("signal" in result) this.hung++;
      else this.refused++;
    } else {
      this.verdicts(document, profile, result.program, calls);
    }
  }

  private verdicts(
    document: ProfileDocument,
    profile: Profile,
    theirs: Program,
    calls: readonly Call[],
  ): void {
    const ours = compileProgram(profile);
    let defect: string | undefined;
    for (const call of calls) {
      const data = { number: call.number, arch: abiByName(call.abi)?.audit ?? 0, args: call.args };
      const action = verdict(profile, call.abi, call.number, call.args);
      const value = encodeAction(action);
      if (interpret(ours, data).value === value && interpret(theirs, data).value === value) continue;
      const context = `${show(call)}\n${printProfile(document)}`;
      assert.equal(interpret(ours, data).value, value, `compiled: ${context}`);
      assert.equal(pseudoName(action), evaluatePseudoCode(pseudoCode(document), call), context);
      defect = defectOf(theirs);
      assert.ok(defect !== undefined, context);
    }
    this.compared++;
    this.calls += calls.length;
    if (defect !== undefined) this.defects.set(defect, (this.defects.get(defect) ?? 0) + 1);
  }

  summary(): string {
    return `${this.compared} profiles, ${this.calls} calls; both refuse ${this.refused}, libseccomp hangs on ${this.hung} as foreseen, its defects ${JSON.stringify([...this.defects])}`;
  }
}

function calls(random: Random, document: ProfileDocument): Call[] {
  return Array.from({ length: 100 }, () => randomCall(random, document, ABIS));
}

testWith(NEEDS, "the verdicts on 2,000 random profiles are libseccomp's", context => {
  const random = new Random(20_261_124);
  const comparison = new Comparison();
  for (const optimize of [1, 2]) {
    const documents = Array.from({ length: 1350 }, () => randomProfile(random, SHAPE));
    const built = buildWithLibseccomp(documents, optimize);
    for (const [index, document] of documents.entries()) {
      comparison.profile(document, built[index] ?? { errno: "no answer" }, calls(random, document));
    }
  }
  context.diagnostic(comparison.summary());
  assert.ok(comparison.compared >= 2000);
});

/** Profiles of the distribution's packages. */
const REAL: readonly string[] = [
  "/usr/share/containers/seccomp.json",
  "/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json",
  ...["example.json", "default-old-format.json", "conditional_include.json"].map(
    name => `/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/fixtures/${name}`,
  ),
];

testWith(
  [...NEEDS, ...REAL.map((file): Need => `file:${file}`)],
  "the verdicts on real profiles are libseccomp's",
  context => {
    const random = new Random(5);
    const comparison = new Comparison();
    for (const file of REAL) {
      for (const capabilities of [[], DOCKER_CAPABILITIES, ["CAP_SYS_ADMIN", "CAP_BPF"]]) {
        const plain = resolveForHost(readProfileFile(file), { ...HOST, capabilities });
        const [result] = buildWithLibseccomp([plain], 2);
        const many = Array.from({ length: 20 }, () => calls(random, plain)).flat();
        comparison.profile(plain, result ?? { errno: "no answer" }, many);
      }
    }
    context.diagnostic(comparison.summary());
    assert.equal(comparison.compared, 3 * REAL.length);
  },
);

function ioctlRule(value: string): string {
  return `{"names":["ioctl"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":5,"op":"SCMP_CMP_GT"},{"index":1,"value":${value},"op":"SCMP_CMP_EQ"}]}`;
}

test("two comparisons that libseccomp never finishes are refused with their place", () => {
  const rules = `${ioctlRule("4294967297")},\n${ioctlRule("8589934593")}`;
  const document = parseProfile(`{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[\n${rules}]}`, "p.json");
  assert.throws(() => resolveProfile(document, HOST), /p\.json:3:1: .*makes libseccomp hang/);
});
