import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { dockerDefaultAllows, dockerDefaultConditions } from "../../src/abi/docker-default.ts";
import { syscallByName } from "../../src/abi/syscalls.ts";

const root = path.resolve(import.meta.dirname, "../../..");

test("the committed Docker default is what the generator makes", () => {
  execFileSync(process.execPath, ["tools/generate-docker-default.js", "--check"], {
    cwd: root,
    stdio: "pipe",
  });
});

test("every name in the data is a call of some ABI it is given for", () => {
  const lines = readFileSync(path.join(root, "tools/data/docker-default.tsv"), "utf8").split("\n");
  const names = lines.filter(line => line !== "" && !line.startsWith("#")).slice(1);
  const abis = ["x86_64", "i386", "arm", "aarch64", "s390x", "ppc64le", "riscv64", "mipsel"] as const;
  for (const name of names.map(line => line.split("\t")[0] ?? "")) {
    assert.ok(
      abis.some(abi => syscallByName(abi, name) !== undefined),
      name,
    );
  }
});

test("what `docker run` gives by default is allowed, what it withholds is not", () => {
  const allowed = dockerDefaultAllows("x86_64");
  for (const name of [
    "read",
    "chroot",
    "ptrace",
    "clone",
    "socket",
    "arch_prctl",
    "modify_ldt",
    "memfd_secret",
  ]) {
    assert.ok(allowed.has(name), name);
  }
  for (const name of "mount bpf clone3 unshare setns io_uring_setup keyctl userfaultfd perf_event_open".split(
    " ",
  )) {
    assert.ok(!allowed.has(name), name);
  }
  for (const name of allowed) assert.ok(syscallByName("x86_64", name) !== undefined, name);
  assert.deepEqual([...dockerDefaultConditions("x86_64")].sort(), ["clone", "personality", "socket"]);
});

test("what depends on the machine is allowed there alone", () => {
  assert.ok(!dockerDefaultAllows("aarch64").has("arch_prctl"));
  assert.ok(dockerDefaultAllows("arm").has("set_tls"));
  assert.ok(dockerDefaultAllows("i386").has("socketcall"));
  assert.ok(!dockerDefaultAllows("aarch64").has("open"));
  assert.ok(dockerDefaultAllows("s390x").has("s390_pci_mmio_read"));
  assert.ok(!dockerDefaultAllows("x86_64").has("riscv_flush_icache"));
  assert.equal(dockerDefaultAllows("m68k").size, 0);
});
