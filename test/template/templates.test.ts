import assert from "node:assert/strict";
import { test } from "node:test";
import { dockerDefaultAllows } from "../../src/abi/docker-default.ts";
import { syscallByName } from "../../src/abi/syscalls.ts";
import { BLOCKS } from "../../src/template/blocks.ts";
import {
  costsOf,
  highRisks,
  measuredCalls,
  templateCalls,
  templateDocument,
} from "../../src/template/document.ts";
import { TEMPLATES } from "../../src/template/templates.ts";
import { DOCKER_CAPABILITIES } from "../../src/profile/document.ts";
import { resolveProfile } from "../../src/profile/resolve.ts";
import { verdict } from "../../src/profile/verdict.ts";
import { PROOFS } from "./workloads.ts";

test("names of blocks are calls of some architecture, each once", () => {
  const abis = ["x86_64", "i386", "arm", "aarch64", "riscv64", "s390x", "ppc64le", "mipsel"] as const;
  for (const [name, block] of Object.entries(BLOCKS)) {
    for (const call of block.names) {
      assert.ok(
        abis.some(abi => syscallByName(abi, call) !== undefined),
        `${name}: ${call}`,
      );
    }
    if (name !== "runtime") assert.equal(new Set(block.names).size, block.names.length, name);
  }
});

for (const template of TEMPLATES) {
  test(`${template.name}: holds what its programs were recorded to call, and fewer risks than Docker's default`, () => {
    const allowed = new Set(templateCalls(template));
    const docker = dockerDefaultAllows("x86_64");
    const document = templateDocument(template, "x86_64");
    const answered = document.syscalls?.flatMap(rule => rule.names) ?? [];
    for (const program of template.proven) {
      assert.ok(PROOFS.some(proof => proof.program === program));
      const missing = measuredCalls(program).filter(name => !answered.includes(name));
      assert.deepEqual(missing, [], `${program} calls them`);
    }
    const risks = highRisks(allowed);
    assert.ok(risks.length < highRisks(docker).length, risks.join(" "));
    assert.deepEqual(
      [...allowed].filter(name => syscallByName("x86_64", name) !== undefined && !docker.has(name)),
      [],
      "nothing that Docker's default withholds",
    );
    for (const cost of costsOf(template)) assert.ok(cost.measured > 30 && cost.surplus > 0);
  });

  test(`${template.name}: sorted, each name once, no namespaces`, () => {
    for (const abi of ["x86_64", "aarch64"] as const) {
      const document = templateDocument(template, abi);
      const names = document.syscalls?.[0]?.names ?? [];
      assert.deepEqual(names, [...new Set(names)].sort());
      const host = { abi, capabilities: DOCKER_CAPABILITIES, kernel: "6.1" };
      const profile = resolveProfile(document, host);
      const ask = (name: string, argument: bigint): string =>
        verdict(profile, abi, syscallByName(abi, name)?.number ?? -1, [argument]).kind;
      assert.equal(ask("clone", 0x11n), "allow");
      assert.equal(ask("clone", 0x1000_0011n), "errno");
      assert.equal(ask("clone3", 0n), "errno");
      assert.equal(ask("ptrace", 0n), "errno");
      assert.equal(ask("socket", 40n), "errno");
      assert.equal(ask("socket", 2n), template.blocks.includes("network") ? "allow" : "errno");
    }
  });
}
