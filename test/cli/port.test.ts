import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { riskOf } from "../../src/abi/risk.ts";
import { InputError } from "../../src/errors.ts";
import { verdict } from "../../src/profile/verdict.ts";
import { parseProfile } from "../../src/profile/parse.ts";
import { libcSafe, portProfile } from "../../src/profile/port.ts";
import { resolveProfile } from "../../src/profile/resolve.ts";
import type { PlainProfile } from "../../src/profile/document.ts";

function seccraft(
  args: readonly string[],
  input = "",
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ["bin/seccraft.js", ...args], {
    encoding: "utf8",
    input,
    timeout: 60_000,
  });
}

const PROFILE: PlainProfile = {
  defaultAction: "SCMP_ACT_ERRNO",
  architectures: ["SCMP_ARCH_X86_64"],
  syscalls: [
    {
      names: ["arch_prctl", "close", "epoll_wait", "faccessat", "fork", "getrlimit", "mseal", "open", "read"],
      action: "SCMP_ACT_ALLOW",
    },
  ],
};

test("port: calls that aarch64 lacks give way to those that do their work", () => {
  const { document, notes } = portProfile(PROFILE, "x86_64", "aarch64");
  assert.deepEqual(document.architectures, ["SCMP_ARCH_AARCH64"]);
  assert.deepEqual(document.syscalls?.[0]?.names, [
    "clone",
    "close",
    "epoll_pwait",
    "faccessat",
    "getrlimit",
    "mseal",
    "openat",
    "read",
  ]);
  assert.deepEqual(
    notes.map(note => `${note.kind} ${note.name} ${note.by ?? ""}`.trim()),
    ["dropped arch_prctl", "replaced epoll_wait epoll_pwait", "replaced fork clone", "replaced open openat"],
  );
});

test("port refuses conditions whose argument is another one there", () => {
  const rule = {
    names: ["clone"],
    action: "SCMP_ACT_ALLOW" as const,
    args: [{ index: 0, value: 0n, op: "SCMP_CMP_EQ" as const }],
  };
  assert.throws(() => portProfile({ ...PROFILE, syscalls: [rule] }, "x86_64", "s390x"), InputError);
  assert.throws(
    () => portProfile({ ...PROFILE, syscalls: [{ ...rule, names: ["open"] }] }, "x86_64", "aarch64"),
    /has openat instead of open, whose arguments are others/,
  );
});

test("libc-safe allows harmless twins and answers ENOSYS for risky ones", () => {
  const { document, notes } = libcSafe(PROFILE, "x86_64");
  const profile = resolveProfile(document, { abi: "x86_64", capabilities: [], kernel: "6.1" });
  assert.deepEqual(verdict(profile, "x86_64", 439, []), { kind: "allow" });
  assert.deepEqual(verdict(profile, "x86_64", 435, []), { kind: "errno", errno: 38 });
  for (const note of notes) assert.equal(note.kind === "added", riskOf(note.name) === undefined, note.name);
});

test("port and template on the command line", () => {
  const text = JSON.stringify(PROFILE);
  const ran = seccraft(["port", "--arch", "x86_64", "--to", "aarch64", "--libc-safe", "-"], text);
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stderr, /^open became openat: /m);
  assert.match(ran.stderr, /^\d+ more calls are allowed than before$/m);
  parseProfile(ran.stdout, "out");
  assert.equal(seccraft(["port", "-"], text).status, 2);
  const template = seccraft(["template", "complain", "--block-high-risk"]);
  const document = parseProfile(template.stdout, "out");
  const profile = resolveProfile(document, { abi: "x86_64", capabilities: [], kernel: "6.1" });
  assert.deepEqual(verdict(profile, "x86_64", 0, []), { kind: "log" });
  assert.deepEqual(verdict(profile, "x86_64", 321, []), { kind: "errno", errno: 1 });
  assert.equal(seccraft(["template", "nonsense"]).status, 2);
});
