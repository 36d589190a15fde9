import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateCompleteness } from "../../src/evidence/completeness.ts";
import { joinEvidence, NO_EVIDENCE } from "../../src/evidence/join.ts";
import type { Evidence, Target } from "../../src/evidence/model.ts";
import { printSummary } from "../../src/output/summary.ts";
import { DEFAULT_POLICY, deriveProfile } from "../../src/profile/derive.ts";
import { acceptedBy } from "../../src/profile/policies.ts";
import type { RuntimeBase } from "../../src/profile/runtime-base.ts";

test("what lies deep in libraries is counted, also when nothing else was never seen", () => {
  const target = { kind: "file", path: "/bin/web" } as const;
  const call = { run: "s", abi: "x86_64" } as const;
  const evidence: Evidence = joinEvidence({
    ...NO_EVIDENCE,
    runs: [{ id: "s", source: "static", purpose: "analyze", target, tool: "seccraft", finished: true }],
    observations: [
      { ...call, number: 41, syscall: "socket", distance: 3 },
      { ...call, number: 42, syscall: "connect" },
    ],
  });
  assert.match(
    print(evidence, "none"),
    /^reachable and never seen: 2 that lie deep in libraries; --out writes/m,
  );
});

function summary(target: Target, runtimeBase: RuntimeBase): string {
  const call = { run: "r", abi: "x86_64" } as const;
  const evidence: Evidence = joinEvidence({
    ...NO_EVIDENCE,
    runs: [{ id: "r", source: "ebpf", purpose: "observe", target, tool: "seccraft", finished: true }],
    observations: [
      { ...call, number: 59, syscall: "execve", phase: "runtime", label: "container-runtime" },
      { ...call, number: 0, syscall: "read", phase: "startup", executable: "/bin/web" },
    ],
  });
  return print(evidence, runtimeBase);
}

function print(evidence: Evidence, runtimeBase: RuntimeBase): string {
  const derivation = deriveProfile(acceptedBy(evidence, "observed"), { ...DEFAULT_POLICY, runtimeBase });
  return printSummary({
    title: "web",
    derivation,
    evidence,
    completeness: estimateCompleteness(evidence),
    proof: { rounds: [], enforcedSeconds: undefined, namedBy: "ebpf" },
    policy: "observed",
    sizes: { observed: 1, static: 3 },
    nextStep: "rest",
    hasFiles: false,
  });
}

test("a summary tells what a profile allows for the container runtime alone, and only where there is one", () => {
  const image = summary({ kind: "image", name: "web:1" }, "runc");
  const [, count, names = ""] = /for the container runtime alone, .* \((\d+)\): (.*)/.exec(image) ?? [];
  assert.equal(names.split(" ").length, Number(count));
  assert.match(names, /^arch_prctl .*\bexecve\b/);
  assert.doesNotMatch(names, /\bread\b/);
  assert.doesNotMatch(summary({ kind: "command", argv: ["web"] }, "none"), /container runtime/);
});
