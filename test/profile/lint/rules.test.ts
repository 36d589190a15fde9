import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { InputError } from "../../../src/errors.ts";
import type { Host } from "../../../src/profile/document.ts";
import { lint, LINT_RULES, repair } from "../../../src/profile/lint/lint.ts";
import { type LintTarget, sameMeaning } from "../../../src/profile/lint/rule.ts";
import { parseProfile, readProfileFile } from "../../../src/profile/parse.ts";
import { resolveProfile } from "../../../src/profile/resolve.ts";
import { Random } from "../../support/random.ts";
import { randomProfile } from "../../support/random-profiles.ts";

const HOST: Host = { abi: "x86_64", capabilities: [], kernel: "6.1" };
const TARGETS: Readonly<Record<string, LintTarget>> = {
  "docker-extension-ignored": "containerd",
  "min-kernel-ignored": "podman",
  "action-unknown-to-target": "cri-o",
  "runtime-calls-missing": "docker",
};

test("every rule has a failing and a passing example, and there is none without a rule", () => {
  assert.deepEqual(
    readdirSync("testdata/lint").sort(),
    LINT_RULES.map(rule => rule.id),
  );
});

for (const { id } of LINT_RULES) {
  test(`${id} finds its failing example and not its passing one`, () => {
    const host: Host = id === "clone-flags-on-s390" ? { ...HOST, abi: "s390x" } : HOST;
    const found = (name: string): string[] =>
      lint(readProfileFile(`testdata/lint/${id}/${name}.json`), host, TARGETS[id]).findings.map(
        each => each.rule,
      );
    assert.ok(found("fail").includes(id));
    assert.ok(!found("pass").includes(id));
  });
}

test("every rule has a page that is made from it", () => {
  const index = readFileSync("docs/lint.md", "utf8");
  for (const rule of LINT_RULES) {
    assert.ok(index.includes(`## ${rule.id}\n\n${rule.title}.`), rule.id);
    for (const part of [rule.why, rule.fix, rule.source.url]) assert.ok(index.includes(part), rule.id);
  }
});

test("a comment suppresses one rule with a reason", () => {
  const text = JSON.stringify({
    defaultAction: "SCMP_ACT_ERRNO",
    syscalls: [
      {
        names: ["bpf"],
        action: "SCMP_ACT_ALLOW",
        comment: "seccraft-ignore high-risk-call: the agent loads programs",
      },
    ],
  });
  const { findings, suppressed } = lint(parseProfile(text, "p.json"), HOST);
  assert.ok(!findings.some(finding => finding.rule === "high-risk-call"));
  assert.deepEqual(
    suppressed.map(each => each.reason),
    ["the agent loads programs"],
  );
});

test("repairing never changes what a profile means", () => {
  const random = new Random(11);
  let changed = 0;
  for (let i = 0; i < 200; i++) {
    const document = randomProfile(random, {
      rules: 4,
      conditions: 2,
      names: ["read", "ioctl", "socket"],
      architectures: ["SCMP_ARCH_X86"],
    });
    const noisy = {
      ...document,
      syscalls:
        document.syscalls?.map(rule => ({ ...rule, names: [...rule.names, ...rule.names], errnoRet: 3 })) ??
        [],
    };
    try {
      resolveProfile(noisy, HOST);
    } catch (error) {
      if (error instanceof InputError) continue;
      throw error;
    }
    const better = repair(noisy, HOST);
    assert.ok(sameMeaning(noisy, better, HOST));
    assert.ok(
      !lint(better, HOST).findings.some(finding =>
        ["duplicate-name", "errno-ignored"].includes(finding.rule),
      ),
    );
    changed++;
  }
  assert.ok(changed > 100);
});
