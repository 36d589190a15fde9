import assert from "node:assert/strict";
import { testWith } from "../../support/needs.ts";
import { syscallByName } from "../../../src/abi/syscalls.ts";
import type { ProfileDocument } from "../../../src/profile/document.ts";
import { resolveProfile } from "../../../src/profile/resolve.ts";
import { verdict } from "../../../src/profile/verdict.ts";
import { complainProfile } from "../../../src/record/complain/profile.ts";
import { thisHost } from "../../../src/record/host.ts";

function answer(document: ProfileDocument, name: string, ...args: readonly bigint[]): string {
  const host = thisHost();
  const call = syscallByName(host.abi, name);
  if (call === undefined) throw new Error(`there is no ${name}`);
  const all = Array.from({ length: 6 }, (_, index) => args[index] ?? 0n);
  return verdict(resolveProfile(document, host), host.abi, call.number, all).kind;
}

testWith(["linux"], "the complain profile logs everything; with a base, just what that denies", () => {
  assert.equal(answer(complainProfile(), "read"), "log");
  const base: ProfileDocument = {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 1,
    architectures: ["SCMP_ARCH_X86_64"],
    syscalls: [
      { names: ["read", "write"], action: "SCMP_ACT_ALLOW" },
      { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38 },
      {
        names: ["socket"],
        action: "SCMP_ACT_ALLOW",
        args: [{ index: 0, value: 1n, op: "SCMP_CMP_EQ" }],
      },
      {
        names: ["prctl"],
        action: "SCMP_ACT_KILL_PROCESS",
        args: [{ index: 0, value: 22n, op: "SCMP_CMP_EQ" }],
      },
    ],
  };
  const made = complainProfile(base);
  assert.equal(answer(made, "read"), "allow");
  assert.equal(answer(made, "mount"), "log");
  assert.equal(answer(made, "clone3"), "log");
  assert.equal(answer(made, "socket", 1n), "allow");
  assert.equal(answer(made, "socket", 2n), "log");
  assert.equal(answer(made, "prctl", 22n), "log");
  // A list of what is forbidden stays one.
  const denying: ProfileDocument = {
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{ names: ["mount"], action: "SCMP_ACT_ERRNO", errnoRet: 1 }],
  };
  assert.equal(answer(complainProfile(denying), "mount"), "log");
  assert.equal(answer(complainProfile(denying), "read"), "allow");
});
