import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { checkProgram, decodeProgram } from "../../src/bpf/program.ts";
import { parseProfile } from "../../src/profile/parse.ts";

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-"));
after(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: Uint8Array;
}

function seccraft(args: readonly string[], input: string | Uint8Array = ""): Ran {
  const ran = spawnSync(process.execPath, ["bin/seccraft.js", ...args], { input, timeout: 60_000 });
  return {
    status: ran.status,
    stdout: ran.stdout.toString(),
    stderr: ran.stderr.toString(),
    bytes: ran.stdout,
  };
}

function file(name: string, content: object | string): string {
  const full = path.join(folder, name);
  writeFileSync(full, typeof content === "string" ? content : JSON.stringify(content));
  return full;
}

const NOT_INET = { index: 0, value: 2, op: "SCMP_CMP_NE" };
const INET = { index: 0, value: 2, op: "SCMP_CMP_EQ" };
const ALLOW = "SCMP_ACT_ALLOW";
const X86_64 = ["SCMP_ARCH_X86_64"];
const HOST = ["--arch", "x86_64", "--kernel", "6.1"];

const a = file("a.json", {
  defaultAction: "SCMP_ACT_ERRNO",
  architectures: X86_64,
  syscalls: [
    { names: ["write", "read", "read"], action: ALLOW },
    { names: ["socket"], action: ALLOW, args: [NOT_INET] },
  ],
});
const b = file("b.json", {
  defaultAction: "SCMP_ACT_ERRNO",
  architectures: X86_64,
  syscalls: [
    { names: ["open", "read"], action: ALLOW },
    { names: ["socket"], action: ALLOW, args: [INET] },
  ],
});
const compat = file("compat.json", {
  defaultAction: "SCMP_ACT_ERRNO",
  architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
  syscalls: [{ names: ["getpid"], action: ALLOW }],
});
const evidence = file("evidence.json", {
  seccraft: "evidence/1",
  runs: [
    {
      id: "1",
      source: "ebpf",
      purpose: "observe",
      target: { kind: "command", argv: ["server"] },
      tool: "seccraft 0.1.0",
      finished: true,
    },
  ],
  observations: [
    {
      run: "1",
      abi: "x86_64",
      number: 0,
      syscall: "read",
      phase: "serving",
      executable: "/bin/server",
      count: 900,
    },
    {
      run: "1",
      abi: "x86_64",
      number: 257,
      syscall: "openat",
      phase: "startup",
      executable: "/bin/server",
      count: 1,
    },
  ],
  gaps: [],
});

test("merge: conditions that complement each other become none; names are sorted and each once", () => {
  const ran = seccraft(["merge", ...HOST, a, b]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(parseProfile(ran.stdout, "out").syscalls, [
    { names: ["open", "read", "socket", "write"], action: ALLOW },
  ]);
});

test("merge refuses what no rules say exactly, by name, and approximates when asked to", () => {
  const refused = seccraft(["merge", ...HOST, a, compat]);
  assert.equal(refused.status, 2);
  assert.equal(refused.stdout, "");
  assert.match(refused.stderr, /read \(allowed always on x86_64, never on i386\).*--approximate/);
  const denied = seccraft(["merge", ...HOST, "--approximate", "deny", a, compat]);
  assert.equal(denied.status, 0, denied.stderr);
  assert.deepEqual(parseProfile(denied.stdout, "out").syscalls, [{ names: ["getpid"], action: ALLOW }]);
  assert.match(denied.stderr, /denied more than asked for.*: read socket socketcall write/);
});

test("merge takes evidence and tells in comments where each call comes from", () => {
  const ran = seccraft(["merge", ...HOST, "--annotate", evidence, b]);
  assert.equal(ran.status, 0, ran.stderr);
  const rules = parseProfile(ran.stdout, "out").syscalls ?? [];
  const comment = (name: string): string | undefined =>
    rules.find(rule => rule.names.includes(name))?.comment;
  assert.match(comment("openat") ?? "", /^observed in server while startup once$/);
  assert.match(comment("read") ?? "", /observed in server while serving 900 times; rule in .*b\.json/);
});

test("intersect and subtract", () => {
  const both = seccraft(["intersect", ...HOST, a, b]);
  assert.deepEqual(parseProfile(both.stdout, "out").syscalls, [{ names: ["read"], action: ALLOW }]);
  const rest = seccraft(["subtract", ...HOST, a, b]);
  const rules = parseProfile(rest.stdout, "out").syscalls ?? [];
  assert.deepEqual(
    rules.map(rule => rule.names.join()),
    ["socket", "write"],
  );
});

test("subset proves or shows a call", () => {
  assert.equal(seccraft(["subset", ...HOST, a, a]).status, 0);
  const ran = seccraft(["subset", ...HOST, "--json", b, a]);
  assert.equal(ran.status, 1);
  const result = JSON.parse(ran.stdout) as { subset: boolean; counterexample: { syscall: string } };
  assert.equal(result.subset, false);
  assert.equal(result.counterexample.syscall, "open");
});

test("simulate: symbolic arguments, a batch, the rule and the path", () => {
  const one = seccraft([
    "simulate",
    ...HOST,
    "--path",
    a,
    "socket",
    "AF_UNIX",
    "SOCK_STREAM|SOCK_CLOEXEC",
    "0",
  ]);
  assert.equal(one.status, 0, one.stderr);
  assert.match(
    one.stdout,
    /^socket\(AF_UNIX, SOCK_STREAM\|SOCK_CLOEXEC, 0\): ALLOW, by rule .*a\.json:1:\d+: syscalls\[1\]$/m,
  );
  assert.match(one.stdout, /ld arg0\.low/);
  const batch = seccraft(["simulate", ...HOST, a], "read 0\n# comment\nsocket AF_INET\n");
  assert.equal(batch.status, 1);
  assert.deepEqual(
    batch.stdout.split("\n").map(line => line.split(": ")[1]?.split(",")[0]),
    ["ALLOW", "ERRNO (EPERM)", undefined],
  );
  const bad = seccraft(["simulate", ...HOST, a], "read 0\nsocket AF_NONSENSE\n");
  assert.equal(bad.status, 2);
  assert.match(bad.stderr, /standard input:2: "AF_NONSENSE" is no value of argument 0 of socket/);
});

test("simulate tells which calls of a trace would have been stopped", () => {
  const trace = file(
    "trace",
    [
      'read(3, "x", 1) = 1',
      "socket(AF_UNIX, SOCK_STREAM, 0) = 3",
      "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3",
      'open("/etc/passwd, (x)", O_RDONLY) = 4',
      "open(0x7ffe0000, O_RDONLY) = 4",
      "+++ exited with 0 +++\n",
    ].join("\n"),
  );
  const ran = seccraft(["simulate", ...HOST, a, "--strace", trace]);
  assert.equal(ran.status, 1, ran.stderr);
  assert.match(ran.stdout, /^socket: ERRNO \(EPERM\), 1 times, first in line 3/m);
  assert.match(ran.stdout, /^open: ERRNO \(EPERM\), 2 times, first in line 4/m);
  assert.doesNotMatch(ran.stdout, /^read/m);
});

test("compile --abi makes the filter of one ABI; calls on others are killed", () => {
  const both = file(
    "both.json",
    '{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86"],"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}',
  );
  const arches = (...args: string[]): string[] => {
    const { stdout } = seccraft(["compile", ...HOST, "--format", "asm", ...args, both]);
    return [...stdout.matchAll(/jeq (0x4000003e|0xc000003e|0x40000003)/g)].map(match => match[1] ?? "");
  };
  assert.deepEqual(arches().sort(), ["0x40000003", "0xc000003e"]);
  assert.deepEqual(arches("--abi", "i386"), ["0x40000003"]);
  assert.deepEqual(arches("--abi", "x86_64"), ["0xc000003e"]);
  assert.equal(seccraft(["compile", ...HOST, "--abi", "arm", both]).status, 2);
  assert.equal(seccraft(["compile", ...HOST, "--abi", "pdp11", both]).status, 2);
});

test("compile and disasm: bytes, C, text and graph of one filter", () => {
  const bytes = seccraft(["compile", ...HOST, a]).bytes;
  checkProgram(decodeProgram(bytes));
  const text = seccraft(["disasm", "-"], bytes).stdout;
  assert.equal(seccraft(["compile", ...HOST, "--format", "asm", a]).stdout, text);
  assert.match(text, /ret ALLOW/);
  const dot = seccraft(["compile", ...HOST, "--format", "dot", a]).stdout;
  assert.match(dot, /^digraph filter \{/);
  const c = file("filter.c", seccraft(["compile", ...HOST, "--format", "c", a]).stdout);
  const compiled = spawnSync("cc", ["-fsyntax-only", "-Wall", "-Wno-unused-variable", c], {
    encoding: "utf8",
  });
  assert.equal(compiled.status, 0, compiled.stderr);
  const broken = seccraft(["disasm", "-"], bytes.subarray(0, 12));
  assert.equal(broken.status, 2);
  assert.match(broken.stderr, /12 bytes are not a whole number/);
});

test("diff: calls and arguments by group, with risk; exit 1 when anything differs", () => {
  const same = seccraft(["diff", ...HOST, a, a]);
  assert.equal(same.status, 0);
  assert.equal(same.stdout, "no call changed\n");
  const ran = seccraft(["diff", ...HOST, a, b]);
  assert.equal(ran.status, 1, ran.stderr);
  assert.match(
    ran.stdout,
    /^files\n {2}\+ open\n {2}- write\nnetwork\n {2}~ socket: allowed when family = AF_INET, was when family ≠ AF_INET$/m,
  );
  const markdown = seccraft(["diff", ...HOST, "--format", "markdown", a, b]).stdout;
  assert.match(markdown, /^\*\*Seccomp profile: 1 added, 1 removed, 1 shifted\*\*$/m);
  const json = JSON.parse(seccraft(["diff", ...HOST, "--json", a, b]).stdout) as {
    changes: { kind: string; syscall: string }[];
  };
  assert.deepEqual(
    json.changes.map(each => `${each.kind} ${each.syscall}`),
    ["added open", "removed write", "shifted socket"],
  );
});

test("explain: by group, by risk, and with evidence why", () => {
  const ran = seccraft(["explain", ...HOST, evidence]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stdout, /^files: 2 of \d+\n {2}allowed: openat read$/m);
  assert.match(ran.stdout, /^ {2}read: observed in server while serving 900 times$/m);
  const one = seccraft(["explain", ...HOST, a, "socket"]);
  assert.match(
    one.stdout,
    /^socket\(family, type, protocol\) on x86_64, number 41: allowed when family ≠ AF_INET, else ERRNO \(EPERM\)$/m,
  );
  assert.equal(seccraft(["explain", ...HOST, a, "nonsense"]).status, 2);
});

test("check: evidence and a binary against a profile", () => {
  const ran = seccraft(["check", ...HOST, "--profile", a, "--evidence", evidence]);
  assert.equal(ran.status, 1, ran.stderr);
  assert.match(ran.stdout, /^openat \(x86_64\): ERRNO \(EPERM\); observed in server while startup once$/m);
  assert.doesNotMatch(ran.stdout, /^read/m);
  const all = file("all.json", {
    defaultAction: "SCMP_ACT_ERRNO",
    syscalls: [{ names: ["read", "openat"], action: ALLOW }],
  });
  assert.equal(seccraft(["check", ...HOST, "--profile", all, "--evidence", evidence]).status, 0);
  const binary = seccraft([
    "check",
    ...HOST,
    "--profile",
    all,
    "--binary",
    "/bin/true",
    "--format",
    "markdown",
  ]);
  assert.equal(binary.status, 1, binary.stderr);
  assert.match(binary.stdout, /^\| `exit_group` \| x86_64 \| ERRNO \(EPERM\) \| .+ → .+ \|$/m);
  assert.equal(seccraft(["check", ...HOST, "--profile", a]).status, 2);
});

function seen(value: string): string {
  return file(`socket-${value}.json`, {
    seccraft: "evidence/1",
    runs: [
      {
        id: "1",
        source: "ebpf",
        purpose: "observe",
        target: { kind: "command", argv: ["server"] },
        tool: "seccraft 0.1.0",
        finished: true,
      },
    ],
    observations: [
      {
        run: "1",
        abi: "x86_64",
        number: 41,
        syscall: "socket",
        count: 1,
        arguments: [{ index: 0, values: [value], complete: true }],
      },
    ],
    gaps: [],
  });
}

test("check looks at argument values: a filter on socket covers what was seen of it", () => {
  assert.equal(seccraft(["check", ...HOST, "--profile", a, "--evidence", seen("0x1")]).status, 0);
  const inet = seccraft(["check", ...HOST, "--profile", a, "--evidence", seen("0x2"), "--json"]);
  assert.equal(inet.status, 1);
  const result = JSON.parse(inet.stdout) as { uncovered: { syscall: string; certain: boolean }[] };
  assert.deepEqual(
    result.uncovered.map(each => [each.syscall, each.certain]),
    [["socket", true]],
  );
});
