import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { syscallByName } from "../../src/abi/syscalls.ts";
import { printCrd } from "../../src/output/crd.ts";
import { parseCrd } from "../../src/output/crd-read.ts";
import { printLibseccompProgram } from "../../src/output/libseccomp.ts";
import { printMinijail } from "../../src/output/minijail.ts";
import { parseMinijail } from "../../src/output/minijail-read.ts";
import { printSystemd } from "../../src/output/systemd.ts";
import { parseSystemd } from "../../src/output/systemd-read.ts";
import { inequality } from "../../src/profile/algebra.ts";
import {
  DOCKER_CAPABILITIES,
  type Host,
  type ProfileDocument,
  type RuleDocument,
} from "../../src/profile/document.ts";
import { FunctionStore } from "../../src/profile/function-store.ts";
import { functionsOf } from "../../src/profile/functions.ts";
import { parseProfile } from "../../src/profile/parse.ts";
import { verdict } from "../../src/profile/verdict.ts";
import { resolveProfile } from "../../src/profile/resolve.ts";
import { InputError } from "../../src/errors.ts";
import { Random } from "../support/random.ts";
import { randomProfile } from "../support/random-profiles.ts";
import { testWith } from "../support/needs.ts";

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-"));
after(() => rmSync(folder, { recursive: true }));
const HOST: Host = { abi: "x86_64", capabilities: DOCKER_CAPABILITIES, kernel: "6.1" };
const DOCKER = "/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json";

function seccraft(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const all = ["bin/seccraft.js", "convert", "--arch", "x86_64", "--kernel", "6.1", ...args];
  return spawnSync(process.execPath, all, { encoding: "utf8", timeout: 60_000 });
}

function same(a: ProfileDocument, b: ProfileDocument): void {
  const store = new FunctionStore();
  const meaning = (document: ProfileDocument): ReturnType<typeof functionsOf> =>
    functionsOf(resolveProfile(document, HOST, { enosysStub: false }), store);
  assert.equal(inequality(meaning(a), meaning(b)), undefined);
}

const FORMS = {
  crd: { print: (document: ProfileDocument) => printCrd(document, "x", "v1"), parse: parseCrd },
  systemd: { print: printSystemd, parse: parseSystemd },
  minijail: { print: printMinijail, parse: parseMinijail },
};

const CASES = 10_000;

/** A profile of the kind that a form can say, and sometimes of one that it cannot. */
function profileFor(form: string, random: Random): ProfileDocument {
  const simple = random.chance(0.5);
  const document = randomProfile(random, {
    rules: 2,
    conditions: form === "systemd" || simple ? 0 : 2,
    names: ["read", "ioctl", "write"],
    architectures: form === "crd" && random.chance(0.2) ? ["SCMP_ARCH_X86"] : [],
  });
  if (form === "crd" || random.chance(0.2)) return document;
  const fallback = form === "systemd" && simple ? "SCMP_ACT_ERRNO" : "SCMP_ACT_KILL_PROCESS";
  const allowing = form === "systemd" || simple;
  const syscalls = (document.syscalls ?? []).map(
    (rule): RuleDocument =>
      allowing && random.chance(0.7)
        ? rule
        : { names: rule.names, ...argsOf(rule), action: "SCMP_ACT_ALLOW" },
  );
  return { ...document, defaultAction: fallback, syscalls };
}

function argsOf({ args }: RuleDocument): Pick<RuleDocument, "args"> {
  return args === undefined ? {} : { args };
}

for (const [form, { print, parse }] of Object.entries(FORMS)) {
  test(`${form}: there and back means the same, or is refused with the reason, ${CASES} times`, () => {
    const random = new Random(form.length);
    let kept = 0;
    let store = new FunctionStore();
    for (let i = 0; i < CASES; i++) {
      if (i % 500 === 0) store = new FunctionStore();
      const document = profileFor(form, random);
      try {
        const meant = functionsOf(resolveProfile(document, HOST, { enosysStub: false }), store);
        const back = parse(print(document), "x");
        const read = functionsOf(resolveProfile(back, HOST, { enosysStub: false }), store);
        assert.equal(inequality(meant, read), undefined);
        kept++;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        assert.match(error.message, /cannot say this: .|EEXIST|hang/);
      }
    }
    assert.ok(kept > CASES / 4 && kept < CASES, `${kept} of ${form}`);
  });
}

testWith(
  [`file:${DOCKER}`],
  "Docker's default becomes OCI, a SeccompProfile, names, a ConfigMap; systemd and Minijail refuse with the reason",
  () => {
    const oci = seccraft("--to", "oci", DOCKER);
    assert.equal(oci.status, 0, oci.stderr);
    assert.doesNotMatch(oci.stdout, /includes|excludes|comment|archMap/);
    same(parseProfile(oci.stdout, "x"), parseProfile(readFileSync(DOCKER, "utf8"), DOCKER));
    const crd = seccraft("--to", "crd", "--name", "docker", DOCKER);
    assert.match(
      crd.stdout,
      /^apiVersion: security-profiles-operator\.x-k8s\.io\/v1\nkind: SeccompProfile\nmetadata:\n {2}name: docker\n/,
    );
    same(parseCrd(crd.stdout, "x"), parseProfile(oci.stdout, "x"));
    assert.match(seccraft("--to", "names", DOCKER).stdout, /^_llseek\n[^]*\nwritev\n$/);
    assert.match(seccraft("--to", "configmap", DOCKER).stdout, /kind: DaemonSet/);
    assert.match(
      seccraft("--to", "kubernetes", "--name", "web", DOCKER).stdout,
      /localhostProfile: profiles\/web\.json/,
    );
    const systemd = seccraft("--to", "systemd", DOCKER);
    assert.equal(systemd.status, 2);
    assert.match(systemd.stderr, /SystemCallFilter= cannot say this: conditions on arguments/);
    const minijail = seccraft("--to", "minijail", DOCKER);
    assert.equal(minijail.status, 2);
    assert.match(minijail.stderr, /SCMP_ACT_ERRNO as the default/);
  },
);

test("a SeccompProfile with a base needs it, and gets its rules", () => {
  const text = `apiVersion: security-profiles-operator.x-k8s.io/v1beta1
kind: SeccompProfile
metadata: {name: web}
spec:
  baseProfileName: runc-v1.4
  defaultAction: SCMP_ACT_ERRNO
  syscalls:
  - action: SCMP_ACT_ALLOW
    names: [openat]
    errnoRet: 0
`;
  const file = path.join(folder, "web.yaml");
  writeFileSync(file, text);
  const alone = seccraft("--to", "oci", file);
  assert.equal(alone.status, 2);
  assert.match(
    alone.stderr,
    /web\.yaml:5:20: spec\.baseProfileName: its base profile runc-v1\.4 is not given; name the file of it with --base/,
  );
  const base = path.join(folder, "base.json");
  writeFileSync(
    base,
    '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}',
  );
  const both = seccraft("--to", "names", "--base", base, file);
  assert.equal(both.stdout, "openat\nread\n");
  assert.throws(
    () => parseCrd(text.replace("openat", "[1]"), "w.yaml", () => ({ defaultAction: "SCMP_ACT_KILL" })),
    /w\.yaml:9:13: spec\.syscalls\[0\]\.names\[0\]/,
  );
});

function unit(...lines: string[]): ProfileDocument {
  return parseSystemd(["[Service]", ...lines].join("\n"), "x.service");
}

/** What a profile answers to some calls. */
function answers(document: ProfileDocument): Record<string, string> {
  const profile = resolveProfile(document, HOST, { enosysStub: false });
  const of = (name: string): string => {
    const number = syscallByName("x86_64", name)?.number ?? -1;
    const action = verdict(profile, "x86_64", number, [0n, 0n, 0n, 0n, 0n, 0n]);
    return action.kind === "errno" ? `errno ${action.errno}` : action.kind;
  };
  const names = ["read", "write", "mount", "umount2", "ptrace", "bpf", "chown"];
  return Object.fromEntries(names.map(name => [name, of(name)]));
}

test("systemd units: answers of their own, in lists of what is allowed and of what is denied, and back", () => {
  const allowing = unit(
    "SystemCallFilter=@basic-io mount chown",
    "SystemCallFilter=~write mount:EPERM @debug:ENOSYS bpf:kill",
    "SystemCallErrorNumber=EACCES",
  );
  const expected = {
    read: "allow",
    write: "errno 13",
    mount: "errno 1",
    umount2: "errno 13",
    ptrace: "errno 38",
    bpf: "kill-process",
    chown: "allow",
  };
  assert.deepEqual(answers(allowing), expected);
  const forbidding = unit(
    "SystemCallFilter=~@mount bpf:1 ptrace:kill",
    "SystemCallFilter=umount2",
    "SystemCallFilter=~chown:EUCLEAN",
  );
  assert.deepEqual(answers(forbidding), {
    read: "allow",
    write: "allow",
    mount: "kill-process",
    umount2: "allow",
    ptrace: "kill-process",
    bpf: "errno 1",
    chown: "errno 117",
  });
  for (const document of [allowing, forbidding]) same(parseSystemd(printSystemd(document), "x"), document);
  assert.match(printSystemd(forbidding), /^SystemCallFilter=~.*\bbpf:EPERM\b/m);
  assert.match(printSystemd(unit("SystemCallFilter=~@clock:EPERM")), /^SystemCallFilter=~@clock:EPERM$/m);
  assert.throws(
    () => unit("SystemCallFilter=mount:EPERM"),
    /x\.service:2: mount:EPERM: systemd takes an answer in/,
  );
  assert.throws(() => unit("", "SystemCallFilter=~mount:NOPE"), /x\.service:3: unknown errno NOPE/);
  assert.throws(() => unit("SystemCallFilter=~mount:4095"), /unknown errno 4095/);
  assert.equal(
    unit("SystemCallFilter=read", "SystemCallErrorNumber=kill").defaultAction,
    "SCMP_ACT_KILL_PROCESS",
  );
  assert.throws(
    () => parseSystemd("[Service]\r\nSystemCallFilter=read \\\r\n  write\r\nSystemCallFilter=nope\r\n", "x"),
    /x:4: nope is no syscall/,
  );
});

test("Minijail: constants, several answers, directives, what is left over", () => {
  const policy = `@include common.policy
@frequency ./x.frequency
# comment
{open, 257}: arg1 in O_RDONLY|O_CLOEXEC
mmap: arg2 in ~PROT_EXEC || arg2 in ~PROT_WRITE
socket: arg0 == AF_UNIX || arg0 == AF_INET && arg1 & SOCK_NONBLOCK|SOCK_CLOEXEC; return EACCES
fcntl: arg1 == F_GETFL || \\
  arg1 == 0x4
kill: return EPERM
ptrace: trap
bpf: kill-thread
acct: log
prctl: arg0 == PR_SET_NAME && arg0 != 3
`;
  const document = parseMinijail(
    policy,
    "x.policy",
    name => (assert.equal(name, "common.policy"), "read: 1\n"),
  );
  const profile = resolveProfile(document, HOST, { enosysStub: false });
  const ask = (name: string, ...args: bigint[]): string => {
    const number = syscallByName("x86_64", name)?.number ?? -1;
    const action = verdict(profile, "x86_64", number, [...args, 0n, 0n, 0n, 0n, 0n, 0n].slice(0, 6));
    return action.kind === "errno" ? `errno ${action.errno}` : action.kind;
  };
  assert.equal(ask("read"), "allow");
  assert.equal(ask("write"), "kill-process");
  assert.deepEqual(
    [ask("openat", 0n, 0n), ask("open", 0n, 0x80000n), ask("open", 0n, 1n)],
    ["allow", "allow", "kill-process"],
  );
  assert.deepEqual(
    [ask("mmap", 0n, 0n, 3n), ask("mmap", 0n, 0n, 5n), ask("mmap", 0n, 0n, 6n)],
    ["allow", "allow", "kill-process"],
  );
  assert.deepEqual(
    [
      ask("socket", 1n),
      ask("socket", 2n, 0x801n),
      ask("socket", 2n, 0x80001n),
      ask("socket", 2n, 1n),
      ask("socket", 16n),
    ],
    ["allow", "allow", "allow", "errno 13", "errno 13"],
  );
  assert.deepEqual(
    [ask("fcntl", 0n, 3n), ask("fcntl", 0n, 4n), ask("fcntl", 0n, 5n)],
    ["allow", "allow", "kill-process"],
  );
  assert.deepEqual(
    [ask("kill"), ask("ptrace"), ask("bpf"), ask("acct")],
    ["errno 1", "trap", "kill-thread", "log"],
  );
  assert.deepEqual([ask("prctl", 15n), ask("prctl", 16n)], ["allow", "kill-process"]);
  const denylist = parseMinijail("@denylist\nptrace: return EPERM\n", "x");
  assert.equal(denylist.defaultAction, "SCMP_ACT_ALLOW");
  assert.equal(printMinijail(denylist), "@denylist\nptrace: return 1\n");
  assert.equal(parseMinijail("@default trap\nread: 1\n", "x").defaultAction, "SCMP_ACT_TRAP");
  const wrong: Record<string, RegExp> = {
    "read: arg0 == NO_SUCH": /x:1: NO_SUCH is not a constant/,
    "read: arg7 == 1": /x:1: cannot read "arg7 == 1"/,
    "read: arg0 == (1": /lacks a \)/,
    "read: arg0 > 1 && arg0 < 5": /two conditions on argument 0 have no equal/,
    "read: arg0 == 99999999999999999999": /does not fit into 64 bits/,
    "read: 1\nnope: 1": /x:2: nope is no syscall/,
    "read: { arg0 == 1: allow }": /blocks in braces/,
    "@unknown x": /@unknown is not known/,
    "@include y": /includes y, which is not given/,
    "read: return EWHAT": /unknown errno EWHAT/,
    "read 1": /is no rule/,
    "@default allow": /allow is no default that Minijail takes/,
  };
  for (const [text, reason] of Object.entries(wrong))
    assert.throws(() => parseMinijail(text, "x"), reason, text);
  writeFileSync(path.join(folder, "main.policy"), "@include ./part.policy\nwrite: 1\n");
  writeFileSync(path.join(folder, "part.policy"), "read: 1\n");
  assert.equal(seccraft("--to", "names", path.join(folder, "main.policy")).stdout, "read\nwrite\n");
});

test("systemd units: groups, continued lines, lists that take away", () => {
  const unit =
    "[Service]\nSystemCallFilter=@basic-io \\\n  getpid\nSystemCallFilter=~pwrite64\nSystemCallErrorNumber=EPERM\n";
  const names = parseSystemd(unit, "x.service").syscalls?.[0]?.names ?? [];
  assert.ok(names.includes("read") && names.includes("getpid") && names.includes("exit_group"));
  assert.ok(!names.includes("pwrite64"));
  assert.throws(
    () => parseSystemd("[Service]\nSystemCallFilter=@nonsense\n", "x.service"),
    /x\.service:2: there is no group @nonsense/,
  );
});

testWith(
  ["program:cc", "file:/usr/include/seccomp.h"],
  "the C program compiles and enforces the profile",
  () => {
    const source = path.join(folder, "sandbox.c");
    const everything = parseProfile(
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["getppid","no_such"],"action":"SCMP_ACT_ERRNO","errnoRet":7},{"names":["personality"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":8,"op":"SCMP_CMP_MASKED_EQ","valueTwo":8}]}]}',
      "x",
    );
    writeFileSync(source, printLibseccompProgram(everything));
    const program = path.join(folder, "sandbox");
    const compiled = spawnSync("cc", ["-Wall", "-Werror", "-o", program, source, "-lseccomp"], {
      encoding: "utf8",
    });
    assert.equal(compiled.status, 0, compiled.stderr);
    const code =
      "import ctypes; l=ctypes.CDLL(None,use_errno=True); print(l.syscall(110), ctypes.get_errno(), l.personality(8), ctypes.get_errno())";
    const ran = spawnSync(program, ["python3", "-c", code], { encoding: "utf8" });
    assert.equal(ran.stdout, "-1 7 -1 1\n", ran.stderr);
  },
);
