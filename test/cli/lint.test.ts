import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { Ajv } from "ajv";

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-"));
after(() => rmSync(folder, { recursive: true }));

function lint(...args: string[]): SpawnSyncReturns<string> {
  const all = ["bin/seccraft.js", "lint", "--arch", "x86_64", "--kernel", "6.1", ...args];
  return spawnSync(process.execPath, all, { encoding: "utf8", timeout: 60_000 });
}

test("findings have a place, a rule and what to do; the exit code follows --fail-on", () => {
  const ran = lint("testdata/lint/mask-zero/fail.json");
  assert.equal(ran.status, 1, ran.stderr);
  assert.match(
    ran.stdout,
    /^testdata\/lint\/mask-zero\/fail\.json:10:9: syscalls\[0\]\.args\[0\]: error: .* \[mask-zero\]$/m,
  );
  assert.match(ran.stdout, /Put the mask into `value`/);
  const note = "testdata/lint/duplicate-name/fail.json";
  assert.equal(lint("--fail-on", "error", "--ignore", "missing-exit-calls=a fragment", note).status, 0);
  assert.equal(lint("--fail-on", "note", "--ignore", "missing-exit-calls=a fragment", note).status, 1);
});

test("SARIF names the rules, the places and the suppressions", () => {
  const ran = lint(
    "--format",
    "sarif",
    "--ignore",
    "missing-exit-calls=a fragment",
    "testdata/lint/mask-zero/fail.json",
  );
  const log = JSON.parse(ran.stdout) as {
    version: string;
    runs: {
      tool: { driver: { rules: { id: string }[] } };
      results: { ruleId: string; ruleIndex: number; suppressions?: { justification: string }[] }[];
    }[];
  };
  assert.equal(log.version, "2.1.0");
  const [run] = log.runs;
  assert.ok(run !== undefined);
  for (const result of run.results) assert.equal(run.tool.driver.rules[result.ruleIndex]?.id, result.ruleId);
  const suppressed = run.results.find(result => result.ruleId === "missing-exit-calls");
  assert.equal(suppressed?.suppressions?.[0]?.justification, "a fragment");
});

/** The OASIS schema, in its older dialect of JSON Schema. */
function sarifSchema(): object {
  const text = readFileSync("testdata/sarif/sarif-schema-2.1.0.json", "utf8");
  const { $schema: _, id: __, ...schema } = JSON.parse(text) as Record<string, unknown>;
  return schema;
}

test("SARIF is valid against the official schema, for all examples of all rules", () => {
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
    sarifSchema(),
  );
  const files = readdirSync("testdata/lint").flatMap(id => [
    `testdata/lint/${id}/fail.json`,
    `testdata/lint/${id}/pass.json`,
  ]);
  for (const target of ["podman", "containerd", "systemd"]) {
    const versions = ["--runtime-version", "1.0.0-rc90", "--runtime-version", "libseccomp=2.4.0"];
    const ran = lint(
      "--format",
      "sarif",
      "--target",
      target,
      ...versions,
      "--ignore",
      "high-risk-call=an example",
      ...files,
    );
    assert.equal(ran.status, 1, ran.stderr);
    const log = JSON.parse(ran.stdout) as { runs: { results: object[] }[] };
    assert.ok(validate(log), JSON.stringify(validate.errors?.[0]));
    assert.ok((log.runs[0]?.results.length ?? 0) > 100);
  }
  assert.ok(!validate({ version: "2.1.0", runs: [{ results: [] }] }), "the schema asks for something");
});

test("--runtime-version and --libc change what is found; wrong ones are a usage error", () => {
  const file = path.join(folder, "old.json");
  const names = ["execve", "exit", "exit_group", "restart_syscall", "rt_sigreturn", "newfstatat"];
  const rule = { names, action: "SCMP_ACT_ALLOW" };
  writeFileSync(file, JSON.stringify({ defaultAction: "SCMP_ACT_ERRNO", syscalls: [rule] }));
  assert.equal(lint(file).status, 0);
  const old = lint("--runtime-version", "1.0.0-rc92", "--libc", "glibc=2.36", file);
  assert.equal(old.status, 1);
  assert.match(old.stdout, /statx is denied, newfstatat is allowed.*\[newer-twin-denied\]/);
  assert.equal(lint("--runtime-version", "runc=1.1.5", file).status, 0);
  for (const args of [
    ["--runtime-version", "latest"],
    ["--runtime-version", "podman=4"],
    ["--libc", "uclibc=1"],
  ]) {
    assert.equal(lint(...args, file).status, 2, args.join(" "));
  }
});

test("a file of suppressions says why for all files or one; what it gets wrong has a place", () => {
  const file = "testdata/lint/mask-zero/fail.json";
  const list = path.join(folder, "suppressions");
  writeFileSync(list, "# why\nmissing-exit-calls: a fragment\nmask-zero fail.json: it is the example\n");
  const ran = lint("--fail-on", "note", "--suppressions", list, "--json", file);
  assert.doesNotMatch(ran.stdout, /"rule": "mask-zero"(?![^}]*suppressed)/);
  assert.match(ran.stdout, /"suppressed": "it is the example"/);
  const sarif = lint("--format", "sarif", "--suppressions", list, file);
  assert.match(sarif.stdout, /"kind": "external",\s*"justification": "it is the example"/);
  writeFileSync(list, "mask-zero other.json: not this one\n");
  assert.match(lint("--suppressions", list, file).stdout, /\[mask-zero\]/);
  for (const text of ["mask-zero\n", "mask-zero:\n", "nonsense: x\n"]) {
    writeFileSync(list, `\n${text}`);
    const wrong = lint("--suppressions", list, file);
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /suppressions:2: /);
  }
  assert.equal(lint("--suppressions", folder, file).status, 2);
});

test("all forms are read: units, SeccompProfiles each by its name and with its lines, Minijail", () => {
  const unit = path.join(folder, "x.service");
  writeFileSync(unit, "[Service]\nSystemCallFilter=@system-service bpf\nSystemCallErrorNumber=EPERM\n");
  assert.match(lint("--target", "systemd", unit).stdout, /x\.service.*: bpf is allowed/);
  const head = "apiVersion: security-profiles-operator.x-k8s.io/v1\nkind: SeccompProfile\n";
  const yaml = path.join(folder, "two.yaml");
  const of = (name: string): string =>
    `${head}metadata: {name: ${name}}\nspec:\n  defaultAction: SCMP_ACT_ERRNO\n  syscalls:\n  - action: SCMP_ACT_ALLOW\n    names:\n    - ${name}\n`;
  writeFileSync(yaml, `${of("bpf")}---\n${of("acct")}`);
  const both = lint(yaml);
  assert.match(both.stdout, /^\S*two\.yaml:7:5: bpf: syscalls\[0\]: warning: bpf is allowed/m);
  assert.match(both.stdout, /^\S*two\.yaml:17:5: acct: syscalls\[0\]: warning: acct is allowed/m);
  assert.doesNotMatch(lint(`${yaml}#acct`).stdout, /bpf/);
  const policy = path.join(folder, "x.policy");
  writeFileSync(policy, "read: 1\nptrace: 1\n");
  assert.match(lint(policy).stdout, /ptrace is allowed/);
  const fix = lint("--fix", policy);
  assert.deepEqual([fix.status, /--fix repairs OCI and Docker profiles alone/.test(fix.stderr)], [2, true]);
});

test("--fix repairs a file in place and leaves what would change its meaning", () => {
  const file = path.join(folder, "p.json");
  copyFileSync("testdata/lint/unused-value-two/fail.json", file);
  lint("--fix", file);
  assert.doesNotMatch(readFileSync(file, "utf8"), /valueTwo/);
  assert.doesNotMatch(lint(file).stdout, /unused-value-two/);
});

test("--score explains every point, --rules lists the rules, a wrong rule is a usage error", () => {
  const ran = lint("--score", "testdata/lint/high-risk-call/fail.json");
  const score = /: (\d+) of 100 \(Docker's default: (\d+)\)/.exec(ran.stdout);
  const lost = [...ran.stdout.matchAll(/^ {2}-([\d.]+) /gm)].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );
  assert.equal(Math.round(100 - lost), Number(score?.[1]));
  assert.match(lint("--rules").stdout, /^mask-zero: A mask of 0 compares nothing \(error\)$/m);
  assert.equal(lint("--ignore", "nonsense=x", "testdata/lint/mask-zero/fail.json").status, 2);
  assert.equal(lint().status, 2);
});
