import assert from "node:assert/strict";
import { test } from "node:test";
import { ABIS } from "../../src/abi/abi.ts";
import { dockerDefaultAllows } from "../../src/abi/docker-default.ts";
import { riskOf, riskyCalls } from "../../src/abi/risk.ts";
import { syscallsOf } from "../../src/abi/syscalls.ts";

const names = new Set(ABIS.flatMap(({ name }) => syscallsOf(name).map(call => call.name)));

test("each risk is a known call's, in one sentence, with a source", () => {
  for (const name of riskyCalls()) {
    assert.ok(names.has(name), name);
    const risk = riskOf(name);
    assert.match(risk?.why ?? "", /^[A-Z].*\.$/, name);
    assert.match(risk?.source.url ?? "", /^https:\/\//, name);
    assert.ok((risk?.source.name ?? "") !== "", name);
  }
  assert.equal(riskOf("read"), undefined);
  assert.equal(riskOf("io_uring_setup")?.level, "high");
});

/** Calls of Docker's table of significant blocked syscalls, with those that were added to the default since. */
const DOCKERS_TABLE =
  "acct add_key bpf clock_adjtime clock_settime clone create_module delete_module finit_module get_kernel_syms " +
  "get_mempolicy init_module ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind mount " +
  "move_pages nfsservctl open_by_handle_at perf_event_open personality pivot_root process_vm_readv " +
  "process_vm_writev ptrace query_module quotactl reboot request_key set_mempolicy setns settimeofday stime swapon " +
  "swapoff sysfs _sysctl umount umount2 unshare uselib userfaultfd ustat vm86 vm86old io_uring_setup";

test("Docker's table of blocked calls is covered", () => {
  for (const name of DOCKERS_TABLE.split(" ")) assert.ok(riskOf(name) !== undefined, name);
});

test("what Docker's default allows is at most elevated, but for the named ones", () => {
  const allowed = dockerDefaultAllows("x86_64");
  const high = riskyCalls().filter(name => riskOf(name)?.level === "high" && allowed.has(name));
  // Allowed since Linux 4.8, where seccomp holds under ptrace and the capabilities are checked.
  assert.deepEqual(high, ["process_vm_readv", "process_vm_writev", "ptrace"]);
});
