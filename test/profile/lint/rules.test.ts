import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { InputError } from "../../../src/errors.ts";
import type { Host } from "../../../src/profile/document.ts";
import { lint, LINT_RULES, repair } from "../../../src/profile/lint/lint.ts";
import { type Audience, sameMeaning } from "../../../src/profile/lint/rule.ts";
import { parseProfile, readProfileFile } from "../../../src/profile/parse.ts";
import { resolveProfile } from "../../../src/profile/resolve.ts";
import { Random } from "../../support/random.ts";
import { randomProfile } from "../../support/random-profiles.ts";

const HOST: Host = { abi: "x86_64", capabilities: [], kernel: "6.1" };
/** Whom a rule's examples are for, where it matters. */
const AUDIENCES: Readonly<Record<string, Audience>> = {
  "docker-extension-ignored": { target: "containerd" },
  "min-kernel-ignored": { target: "podman" },
  "action-unknown-to-target": { target: "cri-o" },
  "runtime-calls-missing": { target: "docker" },
  "beyond-systemd": { target: "systemd" },
  "too-new-for-version": { versions: { runc: "1.0.0-rc94" } },
  "syscall-unknown-to-libseccomp": { versions: { libseccomp: "2.5.4" } },
};

test("every rule has a failing and a passing example, and there is none without a rule", () => {
  assert.deepEqual(
    readdirSync("testdata/lint").sort(),
    LINT_RULES.map(rule => rule.id),
  );
});

for (const { id } of LINT_RULES) {
  test(`${id} finds its failing example and not its passing one`, () => {
    const host: Host = id === "clone-flags-on-s390" ? { ...HOST, abi: "s390x" } : HOST;
    const found = (name: string): string[] =>
      lint(readProfileFile(`testdata/lint/${id}/${name}.json`), host, AUDIENCES[id]).findings.map(
        each => each.rule,
      );
    assert.ok(found("fail").includes(id));
    assert.ok(!found("pass").includes(id));
  });
}

test("every rule has a page that is made from it", () => {
  const index = readFileSync("docs/lint.md", "utf8");
  for (const rule of LINT_RULES) {
    assert.ok(index.includes(`## ${rule.id}\n\n${rule.title}.`), rule.id);
    for (const part of [rule.why, rule.fix, rule.source.url]) assert.ok(index.includes(part), rule.id);
  }
});

/** Messages of one rule about a profile. */
function messages(id: string, syscalls: readonly object[], audience: Audience, host: Host = HOST): string[] {
  const text = JSON.stringify({ defaultAction: "SCMP_ACT_ERRNO", syscalls });
  const { findings } = lint(parseProfile(text, "p.json"), host, audience);
  return findings.filter(({ rule }) => rule === id).map(({ message }) => message);
}

const allow = (...names: string[]): object => ({ names, action: "SCMP_ACT_ALLOW" });

test("what has no ENOSYS stub denies newer calls for good: runc before 1.0.0-rc93, crun, youki", () => {
  // Nothing that is named has a higher number than statx.
  const rules = [allow("newfstatat", "openat")];
  const found = (audience: Audience): string[] => messages("newer-twin-denied", rules, audience);
  const statx = [
    "statx is denied, newfstatat is allowed; glibc 2.28, coreutils 8.31 fall back on ENOSYS only",
  ];
  const about = (audience: Audience): string[] => found(audience).filter(text => text.startsWith("statx"));
  assert.deepEqual(found({}), []);
  for (const runc of ["1.0.0-rc93", "1.0.0", "1.1.5", "1.1.5+ds1-1+deb12u1", "v1.3.0"]) {
    assert.deepEqual(found({ versions: { runc } }), [], runc);
  }
  for (const runc of ["1.0.0-rc92", "1.0.0~rc6", "0.1.1"]) {
    assert.deepEqual(about({ versions: { runc } }), statx, runc);
  }
  assert.deepEqual(about({ versions: { crun: "1.26" } }), statx);
  assert.deepEqual(about({ versions: { youki: "0.5" } }), statx);
  assert.deepEqual(about({ target: "podman" }), statx);
  assert.deepEqual(found({ target: "podman", versions: { runc: "1.1.5" } }), []);
  assert.deepEqual(found({ target: "docker" }), []);
});

test("the C library decides which newer calls are tried", () => {
  const old = { versions: { runc: "1.0.0-rc92" } };
  const rules = [allow("newfstatat", "faccessat", "clone")];
  const about = (name: "glibc" | "musl", version: string): string[] =>
    messages("newer-twin-denied", rules, { ...old, libc: { name, version } });
  assert.match(about("glibc", "2.36").join("\n"), /^statx .*; glibc 2.28, coreutils 8.31 fall back/m);
  assert.match(about("glibc", "2.36").join("\n"), /^faccessat2 .*; glibc 2.33 falls back/m);
  assert.match(about("glibc", "2.31").join("\n"), /^statx /m);
  assert.doesNotMatch(about("glibc", "2.31").join("\n"), /^faccessat2 /m);
  assert.match(about("glibc", "2.27").join("\n"), /^statx .*; coreutils 8.31 falls back/m);
  assert.doesNotMatch(about("musl", "1.2.5").join("\n"), /glibc/);
  const filtered = {
    ...allow("clone"),
    args: [{ index: 0, value: 2114060288, op: "SCMP_CMP_MASKED_EQ", valueTwo: 0 }],
  };
  const denied = [filtered, { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 1 }];
  const clone3 = (name: "glibc" | "musl", version: string): number =>
    messages("clone3-bypasses-clone", denied, { libc: { name, version } }).length;
  assert.deepEqual([clone3("glibc", "2.34"), clone3("glibc", "2.33"), clone3("musl", "1.2.5")], [1, 0, 0]);
});

test("versions decide what is read: libseccomp's tables and merges, runc's and Docker's fields, the kernel's actions", () => {
  const names = [allow("faccessat2", "futex_waitv", "cachestat", "mseal")];
  const unknown = (libseccomp: string): string[] =>
    messages("syscall-unknown-to-libseccomp", names, { versions: { libseccomp } }).map(
      text => /, (\w+) came/.exec(text)?.[1] ?? text,
    );
  assert.deepEqual(unknown("2.6.0"), []);
  assert.deepEqual(unknown("2.5.5"), ["mseal"]);
  assert.deepEqual(unknown("2.5.4"), ["cachestat", "mseal"]);
  assert.deepEqual(unknown("2.5.0"), ["futex_waitv", "cachestat", "mseal"]);
  assert.deepEqual(unknown("2.4.3"), ["faccessat2", "futex_waitv", "cachestat", "mseal"]);
  const merged = readProfileFile("testdata/lint/libseccomp-version/fail.json");
  const count = (libseccomp?: string): number =>
    lint(merged, HOST, libseccomp === undefined ? {} : { versions: { libseccomp } }).findings.filter(
      ({ rule }) => rule === "libseccomp-version",
    ).length;
  assert.deepEqual([count(), count("2.5.4"), count("2.6.0"), count("2.6.1")], [1, 1, 1, 0]);
  const text =
    '{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"flags":["SECCOMP_FILTER_FLAG_LOG"],"syscalls":[{"names":["bpf"],"action":"SCMP_ACT_KILL_PROCESS"},{"names":["acct"],"action":"SCMP_ACT_ERRNO","errnoRet":1},{"names":["ptrace"],"action":"SCMP_ACT_ERRNO","errnoRet":5}]}';
  const tooNew = (versions: Audience["versions"], kernel = "6.1"): string[] =>
    lint(parseProfile(text, "p.json"), { ...HOST, kernel }, versions === undefined ? {} : { versions })
      .findings.filter(({ rule }) => rule === "too-new-for-version")
      .map(({ message, severity }) => `${severity}: ${message.replace(/, which.*/, "")}`);
  assert.deepEqual(tooNew({}), []);
  assert.deepEqual(tooNew({ runc: "1.2.0", docker: "23.0.1", libseccomp: "2.5.4" }), []);
  assert.deepEqual(tooNew({ runc: "1.1.5" }), ["error: runc 1.1.5 refuses flags"]);
  assert.deepEqual(tooNew({ docker: "20.10.24" }), ["warning: docker 20.10.24 ignores defaultErrnoRet"]);
  assert.deepEqual(tooNew({ runc: "1.0.0-rc90" }), [
    "error: runc 1.0.0-rc90 refuses SCMP_ACT_KILL_PROCESS",
    "error: runc 1.0.0-rc90 refuses flags",
    "warning: runc 1.0.0-rc90 ignores errnoRet",
    "warning: runc 1.0.0-rc90 ignores defaultErrnoRet",
  ]);
  assert.deepEqual(tooNew({ libseccomp: "2.3.3" }), [
    "error: libseccomp 2.3.3 refuses SCMP_ACT_KILL_PROCESS",
  ]);
  assert.deepEqual(tooNew({}, "4.9.0"), [
    "error: kernel 4.9.0 refuses SCMP_ACT_KILL_PROCESS",
    "error: kernel 4.9.0 refuses SECCOMP_FILTER_FLAG_LOG",
  ]);
});

test("a comment suppresses one rule with a reason", () => {
  const text = JSON.stringify({
    defaultAction: "SCMP_ACT_ERRNO",
    syscalls: [
      {
        names: ["bpf"],
        action: "SCMP_ACT_ALLOW",
        comment: "seccraft-ignore high-risk-call: the agent loads programs",
      },
    ],
  });
  const { findings, suppressed } = lint(parseProfile(text, "p.json"), HOST);
  assert.ok(!findings.some(finding => finding.rule === "high-risk-call"));
  assert.deepEqual(
    suppressed.map(each => each.reason),
    ["the agent loads programs"],
  );
});

test("repairing never changes what a profile means", () => {
  const random = new Random(11);
  let changed = 0;
  for (let i = 0; i < 200; i++) {
    const document = randomProfile(random, {
      rules: 4,
      conditions: 2,
      names: ["read", "ioctl", "socket"],
      architectures: ["SCMP_ARCH_X86"],
    });
    const noisy = {
      ...document,
      syscalls:
        document.syscalls?.map(rule => ({ ...rule, names: [...rule.names, ...rule.names], errnoRet: 3 })) ??
        [],
    };
    try {
      resolveProfile(noisy, HOST);
    } catch (error) {
      if (error instanceof InputError) continue;
      throw error;
    }
    const better = repair(noisy, HOST);
    assert.ok(sameMeaning(noisy, better, HOST));
    assert.ok(
      !lint(better, HOST).findings.some(finding =>
        ["duplicate-name", "errno-ignored"].includes(finding.rule),
      ),
    );
    changed++;
  }
  assert.ok(changed > 100);
});
