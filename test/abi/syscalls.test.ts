import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { ABIS, type AbiName } from "../../src/abi/abi.ts";
import { syscallByName, syscallByNumber, syscallsOf } from "../../src/abi/syscalls.ts";
import { testWith } from "../support/needs.ts";

const root = path.resolve(import.meta.dirname, "../../..");

test("the committed tables are what the generator makes", () => {
  execFileSync(process.execPath, ["tools/generate-syscalls.js", "--check"], { cwd: root, stdio: "pipe" });
});

test("every ABI has a table without a number or a name twice, and finds each call both ways", () => {
  for (const { name: abi, numberBase } of ABIS) {
    const calls = syscallsOf(abi);
    assert.ok(calls.length > 300, `${abi} has ${calls.length}`);
    assert.equal(new Set(calls.map(call => call.name)).size, calls.length, `${abi}: a name twice`);
    for (const [index, call] of calls.entries()) {
      assert.ok(call.number >= numberBase);
      assert.ok(
        index === 0 || call.number > (calls[index - 1]?.number ?? 0),
        `${abi}: order at ${call.name}`,
      );
      assert.match(call.name, /^[a-z_][a-z0-9_]*$/);
      assert.equal(syscallByNumber(abi, call.number), call);
      assert.equal(syscallByName(abi, call.name), call);
      assert.ok((call.args?.length ?? 0) <= 6);
    }
  }
  assert.equal(syscallByNumber("x86_64", 100_000), undefined);
  assert.equal(syscallByName("aarch64", "open"), undefined);
});

function number(abi: AbiName, name: string): number | undefined {
  return syscallByName(abi, name)?.number;
}

test("numbers include the ABI's base, arm has its private calls, x32 its own from 512", () => {
  assert.equal(number("x32", "read"), 0x4000_0000);
  assert.equal(number("x32", "execve"), 0x4000_0208);
  assert.equal(number("mips", "write"), 4004);
  assert.equal(number("mipsel64", "write"), 5001);
  assert.equal(number("mips64n32", "write"), 6001);
  assert.equal(number("arm", "set_tls"), 0x0f_0005);
  assert.equal(number("arm", "cacheflush"), 0x0f_0002);
  assert.equal(number("x86_64", "uretprobe"), 335);
});

test("calls from 403 on have one number on every ABI", () => {
  const newest = { statmount: 457, mseal: 462, setxattrat: 463, open_tree_attr: 467, file_getattr: 468 };
  for (const abi of ABIS) {
    for (const [name, number] of Object.entries(newest)) {
      assert.equal(syscallByName(abi.name, name)?.number, abi.numberBase + number, `${name} on ${abi.name}`);
    }
  }
  const seen = new Map<number, string>();
  for (const abi of ABIS) {
    for (const call of syscallsOf(abi.name)) {
      const number = call.number - abi.numberBase;
      if (number < 403 || number >= 512) continue;
      assert.equal(seen.get(number) ?? call.name, call.name, `${number} on ${abi.name}`);
      seen.set(number, call.name);
    }
  }
});

test("arguments and versions are those of the kernel's definitions", () => {
  assert.deepEqual(syscallByName("x86_64", "openat")?.args, ["dfd", "filename", "flags", "mode"]);
  assert.deepEqual(syscallByName("x86_64", "getpid")?.args, []);
  assert.equal(syscallByName("x86_64", "clone")?.args?.[0], "clone_flags");
  assert.equal(syscallByName("s390x", "clone")?.args?.[1], "clone_flags");
  assert.equal(syscallByName("x86_64", "clone")?.args?.[4], "tls");
  assert.equal(syscallByName("aarch64", "clone")?.args?.[3], "tls");
  assert.deepEqual(syscallByName("i386", "mmap")?.args, ["arg"]);
  assert.deepEqual(syscallByName("arm", "pread64")?.args, ["fd", "buf", "count", "pad", "pos_lo", "pos_hi"]);
  assert.deepEqual(syscallByName("mips", "ftruncate64")?.args, ["fd", "pad", "length_hi", "length_lo"]);
  assert.deepEqual(syscallByName("mipsel", "ftruncate64")?.args, ["fd", "pad", "length_lo", "length_hi"]);
  assert.deepEqual(syscallByName("i386", "sigsuspend")?.args, ["unused1", "unused2", "mask"]);
  assert.deepEqual(syscallByName("mips64", "lookup_dcookie")?.args, ["cookie64", "buf", "len"]);
  assert.equal(syscallByName("x86_64", "clone3")?.since, "5.3");
  assert.equal(syscallByName("riscv64", "mseal")?.since, "6.10");
  assert.equal(syscallByName("x86_64", "tuxcall")?.args, undefined);
});

/** Numbers that the headers of linux-libc-dev define for an ABI, as the C preprocessor sees them. */
function numbersInHeaders(include: string, header: string, flags: readonly string[]): Map<string, number> {
  const text = execFileSync("gcc", ["-E", "-dM", "-nostdinc", ...flags, "-isystem", include, "-"], {
    input: `#include <${header}>\n`,
    encoding: "utf8",
    maxBuffer: 1 << 24,
  });
  const macros = new Map<string, string>();
  for (const [, name = "", value = ""] of text.matchAll(/^#define (\w+) (.+)$/gm)) macros.set(name, value);
  const evaluate = (expression: string, depth = 0): number =>
    expression
      .replaceAll(/[()]/g, "")
      .split("+")
      .map(term => {
        const word = term.trim();
        const value = macros.get(word);
        return value !== undefined && depth < 5 ? evaluate(value, depth + 1) : Number(word);
      })
      .reduce((sum, value) => sum + value, 0);
  const found = new Map<string, number>();
  for (const [name, value] of macros) {
    const call = /^__(?:ARM_)?NR_([a-z_]\w*)$/.exec(name)?.[1];
    if (call !== undefined) found.set(call, evaluate(value));
  }
  return found;
}

const HEADERS: readonly [AbiName, string, string, string[]][] = [
  ["x86_64", "/usr/include/x86_64-linux-gnu", "asm/unistd_64.h", []],
  ["i386", "/usr/include/x86_64-linux-gnu", "asm/unistd_32.h", []],
  ["x32", "/usr/include/x86_64-linux-gnu", "asm/unistd_x32.h", ["-D__X32_SYSCALL_BIT=0x40000000"]],
  ["aarch64", "/usr/aarch64-linux-gnu/include", "asm/unistd.h", ["-D__LP64__"]],
  ["arm", "/usr/arm-linux-gnueabihf/include", "asm/unistd.h", ["-D__ARM_EABI__"]],
  ["m68k", "/usr/m68k-linux-gnu/include", "asm/unistd.h", []],
  ["sh", "/usr/sh4-linux-gnu/include", "asm/unistd.h", []],
];

/** In the headers as aliases or markers, not calls of their own. */
const NOT_CALLS = new Set(["syscalls", "arch_specific_syscall", "sync_file_range2"]);

for (const [abi, include, header, flags] of HEADERS) {
  testWith([`file:${include}/${header}`, "program:gcc"], `${abi} agrees with the kernel's headers`, () => {
    const expected = numbersInHeaders(include, header, flags);
    assert.ok(expected.size > 250, `only ${expected.size} calls in the headers`);
    for (const [name, number] of expected) {
      if (NOT_CALLS.has(name) && syscallByName(abi, name) === undefined) continue;
      assert.equal(syscallByName(abi, name)?.number, number, `${name} on ${abi}`);
    }
  });
}

const RESOLVE = `
import json, sys, seccomp
for line in sys.stdin:
    arch, names = json.loads(line)
    arch = seccomp.Arch.__dict__.get(arch)
    if arch is None:
        print("null")
        continue
    def number(name):
        try:
            return seccomp.resolve_syscall(arch, name)
        except Exception:
            return None
    print(json.dumps([number(name) for name in names]))
`;

testWith(["linux", "file:/usr/share/doc/python3-seccomp"], "every number is libseccomp's", () => {
  const input = ABIS.map(abi =>
    JSON.stringify([abi.scmp.replace("SCMP_ARCH_", ""), syscallsOf(abi.name).map(call => call.name)]),
  );
  const output = execFileSync("/usr/bin/python3", ["-c", RESOLVE], {
    input: `${input.join("\n")}\n`,
    encoding: "utf8",
    maxBuffer: 1 << 24,
  });
  let compared = 0;
  const lines = output.trim().split("\n");
  for (const [index, abi] of ABIS.entries()) {
    const theirs = JSON.parse(lines[index] ?? "null") as (number | null)[] | null;
    if (theirs === null) continue;
    const multiplexers = ["socketcall", "ipc"].map(name => syscallByName(abi.name, name)?.number ?? -1);
    for (const [position, call] of syscallsOf(abi.name).entries()) {
      const theirNumber: number = theirs[position] ?? -1;
      // Negative: the name is unknown to this version of libseccomp, or not a call of that ABI.
      if (theirNumber < 0) continue;
      // It gives the call that socket and System V calls are multiplexed through, where there is one.
      if (multiplexers.includes(theirNumber)) continue;
      assert.equal(theirNumber, call.number, `${call.name} on ${abi.name}`);
      compared += 1;
    }
  }
  assert.ok(compared > 5000, `only ${compared} numbers compared`);
});
