import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { ABIS, type AbiName } from "../../src/abi/abi.ts";
import { describeArgument, parseArgument, RECORDED_ARGUMENTS } from "../../src/abi/arguments.ts";
import { ARGUMENT_DOMAINS } from "../../src/abi/call-domains.ts";
import { CONSTANTS } from "../../src/abi/constants.gen.ts";
import { type ConstantSet, constantsOf } from "../../src/abi/constants.ts";
import { DOMAINS } from "../../src/abi/domains.ts";
import { syscallByName, syscallsOf } from "../../src/abi/syscalls.ts";
import { testWith } from "../support/needs.ts";

const root = path.resolve(import.meta.dirname, "../../..");

test("the committed constants are what the generator makes", () => {
  execFileSync(process.execPath, ["tools/generate-constants.js", "--check"], { cwd: root, stdio: "pipe" });
});

const WORDS: readonly [AbiName, string, number, bigint, string][] = [
  ["x86_64", "socket", 0, 2n, "AF_INET"],
  ["x86_64", "socket", 1, 0x80801n, "SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK"],
  ["mips", "socket", 1, 2n, "SOCK_STREAM"],
  ["mips", "socket", 1, 0x81n, "SOCK_DGRAM|SOCK_NONBLOCK"],
  ["x86_64", "mprotect", 2, 5n, "PROT_READ|PROT_EXEC"],
  ["x86_64", "mprotect", 2, 0n, "PROT_NONE"],
  ["x86_64", "clone", 0, 0x10000011n, "SIGCHLD|CLONE_NEWUSER"],
  ["s390x", "clone", 1, 0x10000011n, "SIGCHLD|CLONE_NEWUSER"],
  ["s390x", "clone", 0, 0x10000011n, "0x10000011"],
  ["x86_64", "unshare", 0, 0x10000080n, "CLONE_NEWUSER|CLONE_NEWTIME"],
  ["x86_64", "openat", 0, 0xffffff9cn, "AT_FDCWD"],
  ["x86_64", "openat", 0, 0xffffffffffffff9cn, "AT_FDCWD"],
  ["x86_64", "openat", 0, 0x1_0000_0003n, "0x100000003"],
  ["x86_64", "openat", 0, 3n, "3"],
  ["x86_64", "openat", 2, 0x42n, "O_RDWR|O_CREAT"],
  ["x86_64", "openat", 2, 0x90800n, "O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY"],
  ["aarch64", "openat", 2, 0x84000n, "O_RDONLY|O_CLOEXEC|O_DIRECTORY"],
  ["x86_64", "openat", 2, 0x410002n, "O_RDWR|O_TMPFILE"],
  ["mips64", "openat", 2, 0x101n, "O_WRONLY|O_CREAT"],
  ["x86_64", "openat", 3, 0o644n, "0644"],
  ["x86_64", "prctl", 0, 38n, "PR_SET_NO_NEW_PRIVS"],
  ["x86_64", "fcntl", 1, 1030n, "F_DUPFD_CLOEXEC"],
  ["mips", "fcntl", 1, 14n, "F_GETLK"],
  ["x86_64", "futex", 1, 0x189n, "FUTEX_WAIT_BITSET|FUTEX_PRIVATE_FLAG|FUTEX_CLOCK_REALTIME"],
  ["x86_64", "mmap", 3, 0x22n, "MAP_PRIVATE|MAP_ANONYMOUS"],
  ["mips", "mmap", 3, 0x802n, "MAP_PRIVATE|MAP_ANONYMOUS"],
  ["i386", "mmap", 0, 0xbffff000n, "0xbffff000"],
  ["i386", "mmap2", 3, 0x22n, "MAP_PRIVATE|MAP_ANONYMOUS"],
  ["x86_64", "ioctl", 1, 0x5401n, "TCGETS"],
  ["x86_64", "ioctl", 1, 0x5421n, "FIONBIO"],
  ["ppc64le", "ioctl", 1, 0x40087468n, "TIOCGWINSZ"],
  ["x86_64", "ioctl", 1, 0x12345n, "0x12345"],
  ["x86_64", "kill", 1, 15n, "SIGTERM"],
  ["mips", "kill", 1, 16n, "SIGUSR1"],
  ["x86_64", "rt_sigprocmask", 0, 2n, "SIG_SETMASK"],
  ["mips", "rt_sigprocmask", 0, 3n, "SIG_SETMASK"],
  ["x86_64", "prlimit64", 1, 7n, "RLIMIT_NOFILE"],
  ["mips64", "prlimit64", 1, 5n, "RLIMIT_NOFILE"],
  ["x86_64", "madvise", 2, 4n, "MADV_DONTNEED"],
  ["x86_64", "mount", 3, 0x5000n, "MS_BIND|MS_REC"],
  ["x86_64", "ptrace", 0, 0x4206n, "PTRACE_SEIZE"],
  ["x86_64", "bpf", 0, 5n, "BPF_PROG_LOAD"],
  ["x86_64", "personality", 0, 0x40000n, "PER_LINUX|ADDR_NO_RANDOMIZE"],
  ["x86_64", "arch_prctl", 0, 0x1002n, "ARCH_SET_FS"],
  ["x86_64", "shmget", 2, 0x3a4n, "IPC_CREAT|0644"],
  ["i386", "socketcall", 0, 1n, "SYS_SOCKET"],
  ["x86_64", "setsockopt", 2, 2n, "2"],
  ["x86_64", "read", 0, 0xffffffffn, "-1"],
  ["x86_64", "read", 2, 4096n, "0x1000"],
];

test("values are described in the manual's words, per ABI, and read back", () => {
  for (const [abi, syscall, index, value, words] of WORDS) {
    assert.equal(describeArgument(abi, syscall, index, value), words, `${syscall} on ${abi}`);
    const canonical = value === 0xffffffffffffff9cn ? 0xffffff9cn : value;
    assert.equal(parseArgument(abi, syscall, index, words), canonical, `${words} of ${syscall} on ${abi}`);
  }
});

test("a name that depends on another argument is given only when that one is known", () => {
  assert.equal(describeArgument("x86_64", "setsockopt", 2, 2n, [3n, 1n]), "SO_REUSEADDR");
  assert.equal(describeArgument("x86_64", "setsockopt", 2, 1n, [3n, 6n]), "TCP_NODELAY");
  assert.equal(describeArgument("mips", "setsockopt", 2, 4n, [undefined, 0xffffn]), "SO_REUSEADDR");
  assert.equal(describeArgument("x86_64", "socket", 2, 6n, [2n]), "IPPROTO_TCP");
  assert.equal(describeArgument("x86_64", "socket", 2, 6n, [16n]), "NETLINK_XFRM");
  assert.equal(describeArgument("x86_64", "socket", 2, 6n), "6");
  assert.equal(parseArgument("x86_64", "setsockopt", 2, "TCP_NODELAY"), 1n);
  assert.equal(parseArgument("x86_64", "setsockopt", 2, "TCP_NODELAY", [3n, 1n]), undefined);
});

test("what is no value of the argument is not read", () => {
  const bad = [
    ["openat", 2, "AF_INET"],
    ["openat", 2, "O_WRONLY|O_RDWR"],
    ["socket", 1, "SOCK_STREAM|SOCK_DGRAM"],
    ["openat", 2, ""],
    ["openat", 2, "O_RDONLY|"],
    ["openat", 2, "09"],
    ["openat", 2, "0x10000000000000000"],
    ["openat", 2, "99999999999999999999"],
    ["openat", 0, "-99999999999"],
    ["socket", 0, "toString"],
  ] as const;
  for (const [syscall, index, text] of bad) {
    assert.equal(parseArgument("x86_64", syscall, index, text), undefined, `${syscall}: ${text}`);
  }
  assert.equal(parseArgument("x86_64", "openat", 0, "-100"), 0xffffff9cn);
  assert.equal(parseArgument("x86_64", "mprotect", 2, " PROT_READ | 4 "), 5n);
  assert.equal(parseArgument("x86_64", "openat", 2, "0100"), 64n);
  assert.equal(parseArgument("no_such" as AbiName, "openat", 2, "1"), 1n);
});

test("whatever is described is read back as the same value", () => {
  const calls = ABIS.flatMap(({ name: abi }) => syscallsOf(abi).map(call => [abi, call] as const));
  const value = fc.oneof(fc.bigInt(0n, 0xffffn), fc.bigInt(0n, 0xffffffffn), fc.bigInt(0n, (1n << 64n) - 1n));
  fc.assert(
    fc.property(
      fc.constantFrom(...calls),
      fc.integer({ min: 0, max: 5 }),
      value,
      ([abi, call], index, any) => {
        const words = describeArgument(abi, call.name, index, any);
        const read = parseArgument(abi, call.name, index, words);
        if (read === any) return;
        // An int whose sign is spread over the upper half is given as its 32 bits.
        assert.equal(any >> 32n, 0xffffffffn, `${call.name} ${index} on ${abi}: ${any} → ${words} → ${read}`);
        assert.equal(read, any & 0xffffffffn);
      },
    ),
    { numRuns: 3000 },
  );
});

test("each row of domains is a call's, each domain and each set is used", () => {
  const used = new Set<string>(["int"]);
  for (const [name, row] of Object.entries(ARGUMENT_DOMAINS)) {
    const call = syscallByName("x86_64", name) ?? syscallByName("i386", name) ?? syscallByName("arm", name);
    assert.ok(call?.args !== undefined, name);
    const domains = row.split(" ");
    assert.ok(domains.length <= call.args.length, `${name} has ${call.args.length} arguments`);
    for (const domain of domains) {
      assert.ok(domain === "-" || Object.hasOwn(DOMAINS, domain), `${domain} of ${name}`);
      used.add(domain);
    }
  }
  assert.deepEqual(
    Object.keys(DOMAINS).filter(name => !used.has(name)),
    [],
  );
  const sets = new Set<string>(
    Object.values(DOMAINS).flatMap(domain => [
      ...domain.fields.map(field => field.set),
      ...domain.flags,
      ...Object.values(domain.depends?.sets ?? {}),
    ]),
  );
  assert.deepEqual(
    Object.keys(CONSTANTS).filter(set => !sets.has(set)),
    [],
  );
});

test("within the field that a domain gives it, each value fits", () => {
  for (const { fields } of Object.values(DOMAINS)) {
    for (const { mask, set } of fields) {
      for (const { name: abi } of ABIS) {
        for (const { name, value } of constantsOf(abi, set)) {
          assert.equal(value & mask, value, `${name} on ${abi}`);
        }
      }
    }
  }
});

const GLIBC_HEADERS =
  "fcntl sched signal sys/socket netinet/in netinet/tcp sys/mman sys/prctl sys/ptrace sys/resource sys/epoll " +
  "sys/eventfd sys/signalfd sys/timerfd sys/inotify sys/fanotify sys/mount sys/personality sys/ipc sys/shm sys/sem " +
  "sys/msg sys/file sys/wait sys/ioctl time linux/seccomp linux/bpf linux/futex linux/keyctl";

const OPTIONS = "-isystem /usr/include/x86_64-linux-gnu -D_GNU_SOURCE -w -E -P -x c -".split(" ");

/** Names that the C library gives another value: its own part in the call, or its own meaning. */
const OTHER_IN_GLIBC = new Set(["O_LARGEFILE", "F_GETLK", "F_SETLK", "F_SETLKW"]);

for (const [abi, option] of [
  ["x86_64", "-m64"],
  ["i386", "-m32"],
] as const) {
  testWith(["linux", "program:gcc"], `constants of ${abi} are those of the C library's headers`, () => {
    const constants = new Map(
      (Object.keys(CONSTANTS) as ConstantSet[]).flatMap(set =>
        constantsOf(abi, set).map(({ name, value }) => [name, value] as const),
      ),
    );
    const text = execFileSync("gcc", [option, ...OPTIONS], {
      input: `${GLIBC_HEADERS.split(" ")
        .map(header => `#include <${header}.h>\n`)
        .join(
          "",
        )}\n${[...constants.keys()].map(name => `#ifdef ${name}\n@${name} = ${name};\n#endif\n`).join("")}`
        // The name in the first place must not be expanded.
        .replaceAll(/@(\w+) =/g, '"$1" ='),
      encoding: "utf8",
      maxBuffer: 1 << 24,
    });
    let compared = 0;
    for (const [, name = "", expression = ""] of text.matchAll(/^"(\w+)" = (.+);$/gm)) {
      const plain = expression.replaceAll(/[()]/g, "");
      if (!/^-?(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i.test(plain) || OTHER_IN_GLIBC.has(name)) continue;
      const digits = plain.replace(/^(-?)0([0-7]+)$/, "$10o$2");
      const value = digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits);
      assert.equal(constants.get(name), BigInt.asUintN(32, value), name);
      compared += 1;
    }
    assert.ok(compared > 500, `only ${compared} names compared`);
  });
}

test("each recorded argument is one that its call has, and none is a pointer or a descriptor", () => {
  for (const [name, indexes] of Object.entries(RECORDED_ARGUMENTS)) {
    const call = syscallByName("x86_64", name) ?? syscallByName("i386", name);
    assert.ok(call?.args !== undefined, `${name} is no syscall of x86_64 or i386`);
    assert.deepEqual(
      [...indexes].sort((a, b) => a - b),
      indexes,
      name,
    );
    for (const index of indexes) {
      const argument = call.args[index];
      assert.ok(argument !== undefined, `${name} has no argument ${index}`);
      assert.doesNotMatch(
        argument,
        /fd$|addr$|buf|len$|size|^(file|path)?name$|path|ptr$/,
        `${name} ${index}`,
      );
    }
  }
});
