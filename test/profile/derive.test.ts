import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { syscallByName, syscallsOf } from "../../src/abi/syscalls.ts";
import type { AbiName } from "../../src/abi/abi.ts";
import type { Evidence, Observation } from "../../src/evidence/model.ts";
import { letsThrough } from "../../src/profile/action.ts";
import {
  DEFAULT_POLICY,
  deriveProfile,
  ESSENTIAL,
  type Policy,
  profileAllowing,
} from "../../src/profile/derive.ts";
import type { Host } from "../../src/profile/document.ts";
import { describeReasons } from "../../src/profile/provenance.ts";
import { resolveProfile } from "../../src/profile/resolve.ts";
import { runtimeCalls } from "../../src/profile/runtime-base.ts";
import { verdict } from "../../src/profile/verdict.ts";

const HOST: Host = { abi: "x86_64", capabilities: [], kernel: "6.1" };
const BARE: Policy = { ...DEFAULT_POLICY, essentials: false, twins: false };

function seen(syscall: string, more: Partial<Observation> = {}): Observation {
  const abi = more.abi ?? "x86_64";
  return { run: "1", abi, number: syscallByName(abi, syscall)?.number ?? -1, syscall, ...more };
}

function evidence(...observations: Observation[]): Evidence {
  const run = {
    id: "1",
    source: "ebpf" as const,
    purpose: "observe" as const,
    target: { kind: "command" as const, argv: ["x"] },
    tool: "test",
    finished: true,
  };
  return { seccraft: "evidence/1", runs: [run], observations, gaps: [] };
}

/** Names by their action, as a document says it. */
function rules(policy: Policy, ...observations: Observation[]): Record<string, readonly string[]> {
  const { document } = deriveProfile(evidence(...observations), policy);
  return Object.fromEntries(
    (document.syscalls ?? []).map(rule => [
      rule.errnoRet === undefined ? rule.action : `${rule.action} ${rule.errnoRet}`,
      rule.names,
    ]),
  );
}

test("what was seen is allowed, each name once and sorted, on the ABIs where it was seen", () => {
  const { document, provenance } = deriveProfile(
    evidence(
      seen("write"),
      seen("read"),
      seen("read", { executable: "/bin/b" }),
      seen("mmap2", { abi: "i386" }),
    ),
    BARE,
  );
  assert.deepEqual(document, {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 1,
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
    syscalls: [{ names: ["mmap2", "read", "write"], action: "SCMP_ACT_ALLOW" }],
  });
  assert.deepEqual([...provenance.keys()], ["mmap2", "read", "write"]);
  assert.equal(provenance.get("read")?.length, 2);
});

test("essentials come with the ABIs that have them, and say why they are there", () => {
  const native = deriveProfile(evidence(seen("read")), { ...DEFAULT_POLICY, twins: false });
  assert.deepEqual(native.document.syscalls?.[0]?.names, [
    "exit",
    "exit_group",
    "read",
    "restart_syscall",
    "rt_sigreturn",
  ]);
  assert.match(describeReasons(native.provenance.get("rt_sigreturn") ?? []), /come back from a signal/);
  const narrow = deriveProfile(evidence(seen("read", { abi: "i386" })), { ...DEFAULT_POLICY, twins: false });
  assert.ok(narrow.document.syscalls?.[0]?.names.includes("sigreturn"));
  assert.deepEqual(deriveProfile(evidence(), { ...DEFAULT_POLICY, twins: false }).document.syscalls, []);
});

test("phases and labels that a policy leaves out do not count, observations without a phase do", () => {
  const all = [
    seen("openat", { phase: "startup" }),
    seen("accept4", { phase: "serving" }),
    seen("close"),
    seen("setuid", { label: "container-runtime", phase: "runtime" }),
  ];
  assert.deepEqual(rules({ ...BARE, phases: ["serving"] }, ...all), { SCMP_ACT_ALLOW: ["accept4", "close"] });
  assert.deepEqual(rules({ ...BARE, withoutLabels: ["container-runtime"] }, ...all), {
    SCMP_ACT_ALLOW: ["accept4", "close", "openat"],
  });
});

test("the runtime's own calls are added on demand, with the runtime as the reason", () => {
  for (const runtime of ["runc", "crun"] as const) {
    const { document, provenance } = deriveProfile(evidence(seen("read")), { ...BARE, runtimeBase: runtime });
    const names = document.syscalls?.[0]?.names ?? [];
    for (const name of runtimeCalls(runtime)) assert.ok(names.includes(name), name);
    assert.match(describeReasons(provenance.get("capset") ?? []), new RegExp(`^${runtime} needs it`));
  }
});

test("newer twins that are left out answer ENOSYS, unless the default does or lets through", () => {
  const twins = { ...DEFAULT_POLICY, essentials: false };
  const found = rules(twins, seen("clone"), seen("newfstatat"), seen("openat"), seen("statx"));
  assert.deepEqual(found["SCMP_ACT_ERRNO 38"]?.includes("clone3"), true);
  assert.deepEqual(found["SCMP_ACT_ERRNO 38"]?.includes("statx"), false);
  const { withheld } = deriveProfile(evidence(seen("clone")), twins);
  assert.equal(withheld.get("clone3"), "clone");
  for (const defaultAction of [{ kind: "errno", errno: 38 }, { kind: "log" }, { kind: "allow" }] as const) {
    assert.equal(profileAllowing(["clone"], ["x86_64"], { ...twins, defaultAction }).withheld.size, 0);
  }
  assert.deepEqual(rules({ ...twins, defaultAction: { kind: "allow" } }, seen("clone")), {});
  // A 32-bit twin of a 32-bit call is no matter for a 64-bit profile.
  assert.ok(!(found["SCMP_ACT_ERRNO 38"] ?? []).some(name => name.endsWith("time64")));
});

test("a number without a name is reported, not allowed", () => {
  const strange = { ...seen("read"), number: 9999, syscall: "syscall_9999" };
  const { document, unnamed } = deriveProfile(evidence(strange, seen("read")), BARE);
  assert.deepEqual(document.syscalls?.[0]?.names, ["read"]);
  assert.deepEqual(unnamed, [strange]);
});

const ABIS: readonly AbiName[] = ["x86_64", "i386", "x32"];

const observationArbitrary = fc.record({
  abi: fc.constantFrom(...ABIS),
  phase: fc.constantFrom("startup" as const, "serving" as const, undefined),
  pick: fc.nat(),
});

function observationOf(abi: AbiName, pick: number, phase: "startup" | "serving" | undefined): Observation {
  const table = syscallsOf(abi);
  const { number, name } = table[pick % table.length] ?? { number: 0, name: "read" };
  return { run: "1", abi, number, syscall: name, ...(phase === undefined ? {} : { phase }) };
}

test("nothing that was accepted is denied, nothing else is allowed, in whatever order it was seen; 10,000 cases", () => {
  fc.assert(
    fc.property(
      fc.array(observationArbitrary, { maxLength: 6 }),
      fc.boolean(),
      fc.boolean(),
      fc.nat(),
      (drawn, twins, essentials, probe) => {
        const observations = drawn.map(({ abi, pick, phase }) => observationOf(abi, pick, phase));
        const policy: Policy = { ...DEFAULT_POLICY, twins, essentials, phases: ["serving"] };
        const { document, provenance } = deriveProfile(evidence(...observations), policy);
        assert.deepEqual(
          deriveProfile(evidence(...observations.toReversed()), policy).document,
          document,
          "order",
        );
        const accepted = observations.filter(({ phase }) => phase !== "startup");
        const profile = resolveProfile(document, HOST, { enosysStub: false });
        const ask = (abi: AbiName, number: number): boolean =>
          letsThrough(verdict(profile, abi, number, [0n, 0n, 0n, 0n, 0n, 0n]));
        for (const { abi, number } of accepted) assert.ok(ask(abi, number));
        const abi = ABIS[probe % ABIS.length] ?? "x86_64";
        const other = observationOf(abi, probe, undefined);
        const names = new Set(accepted.map(({ syscall }) => syscall));
        const justified = names.has(other.syscall) || (essentials && ESSENTIAL.includes(other.syscall));
        assert.ok(justified || !ask(abi, other.number), other.syscall);
        for (const name of provenance.keys()) {
          assert.ok(names.has(name) || ESSENTIAL.includes(name));
          assert.ok((provenance.get(name) ?? []).length > 0);
        }
      },
    ),
    { numRuns: 10_000 },
  );
});
