import assert from "node:assert/strict";
import { test } from "node:test";
import { printTracedProfile } from "../../src/output/traced.ts";
import type { ArchName } from "../../src/profile/document.ts";
import { architecturesFor } from "../../src/profile/host.ts";
import { parseProfile } from "../../src/profile/parse.ts";
import { thisHost } from "../../src/record/host.ts";

test("without an input: one rule, as oci-seccomp-bpf-hook's own Go types are printed", () => {
  assert.equal(
    printTracedProfile(undefined, ["write", "read", "write"], ["SCMP_ARCH_X86_64"]),
    '{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"names":["read","write"],"action":"SCMP_ACT_ALLOW","args":[],"comment":"","includes":{},"excludes":{}}]}',
  );
});

const INPUT = `{"defaultAction":"SCMP_ACT_ALLOW","defaultErrnoRet":38,
"archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":null}],"flags":["SECCOMP_FILTER_FLAG_LOG"],
"syscalls":[{"name":"mkdir","action":"SCMP_ACT_ERRNO","errnoRet":1,"comment":"a <b> & c"},
{"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_MASKED_EQ"}],
"includes":{"caps":["CAP_SYS_ADMIN"]},"excludes":{"arches":["s390x"]}}]}`;

test("an input's rules stay, with every digit, and what it names is not added", () => {
  const input = parseProfile(INPUT, "input.json");
  // Printed by Go 1.19 from pkg/seccomp/types.go of containers-common, with the same rule appended.
  const expected =
    '{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":null}],"syscalls":[{"name":"mkdir","action":"SCMP_ACT_ERRNO","args":null,"comment":"a \\u003cb\\u003e \\u0026 c","includes":{},"excludes":{},"errnoRet":1},{"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":18446744073709551615,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}],"comment":"","includes":{"caps":["CAP_SYS_ADMIN"]},"excludes":{"arches":["s390x"]}},{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[],"comment":"","includes":{},"excludes":{}}],"flags":["SECCOMP_FILTER_FLAG_LOG"]}';
  assert.equal(printTracedProfile(input, ["mkdir", "read", "clone"], ["SCMP_ARCH_X86_64"]), expected);
});

/** The ABIs that a profile written for an input with this archMap filters on an x86-64 machine, as we read it ourselves. */
function filteredWith(archMap: string, seen: readonly ArchName[]): readonly string[] | undefined {
  const input = parseProfile(`{"defaultAction":"SCMP_ACT_ERRNO","archMap":${archMap}}`, "input.json");
  const written = parseProfile(printTracedProfile(input, ["read"], seen), "written.json");
  assert.deepEqual(written.syscalls?.at(-1)?.names, ["read"]);
  return architecturesFor(written, { ...thisHost(), abi: "x86_64" });
}

test("with an input's archMap, what is written can be read and has every architecture that was seen", () => {
  const entry = '{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X32"]}';
  const other = '{"architecture":"SCMP_ARCH_AARCH64","subArchitectures":["SCMP_ARCH_ARM"]}';
  const seen: readonly ArchName[] = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"];
  assert.deepEqual(filteredWith(`[${entry}]`, ["SCMP_ARCH_X86_64"]), ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"]);
  assert.deepEqual(filteredWith(`[${other},${entry}]`, seen), [
    "SCMP_ARCH_X86_64",
    "SCMP_ARCH_X32",
    "SCMP_ARCH_X86",
  ]);
  assert.deepEqual(filteredWith(`[${other}]`, seen), seen);
  assert.deepEqual(filteredWith("[]", seen), seen);
});
