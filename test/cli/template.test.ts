import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { riskOf, riskyCalls } from "../../src/abi/risk.ts";
import { syscallByName } from "../../src/abi/syscalls.ts";
import { DOCKER_CAPABILITIES, type Host } from "../../src/profile/document.ts";
import { parseProfile } from "../../src/profile/parse.ts";
import { resolveProfile } from "../../src/profile/resolve.ts";
import { verdict } from "../../src/profile/verdict.ts";
import { TEMPLATES } from "../../src/template/templates.ts";
import { PROGRAM } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";
import { ROOT, temporaryFolder } from "../support/programs.ts";

const HOST = ["--arch", "x86_64", "--kernel", "6.1"];

function template(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [PROGRAM, "template", ...args], { encoding: "utf8", timeout: 60_000 });
}

/** What a printed profile does with a call whose first argument is given. */
function verdictsOf(text: string, more: Partial<Host> = {}): (name: string, argument?: bigint) => string {
  const host: Host = { abi: "x86_64", capabilities: DOCKER_CAPABILITIES, kernel: "6.1", ...more };
  const profile = resolveProfile(parseProfile(text, "template"), host);
  return (name, argument = 0n) =>
    verdict(profile, host.abi, syscallByName(host.abi, name)?.number ?? -1, [argument]).kind;
}

test("template lists all of them, sorted, with what they are for", () => {
  const { status, stdout, stderr } = template();
  assert.deepEqual([status, stderr], [0, ""]);
  const names = stdout
    .trim()
    .split("\n")
    .map(line => line.split(" ")[0] ?? "");
  assert.deepEqual(names, [...names].sort());
  const asked =
    "web web-go web-node web-python web-java static-files worker database cache cli batch build runtime-default complain";
  assert.deepEqual(names, asked.split(" ").sort());
  const list = JSON.parse(template("--json").stdout) as { templates: { name: string }[] };
  const validate = new Ajv2020({ strict: true }).compile(
    JSON.parse(readFileSync(path.join(ROOT, "schema/templates-1.json"), "utf8")) as object,
  );
  assert.ok(validate(list), JSON.stringify(validate.errors));
  assert.ok(!validate({ ...list, unknown: 1 }));
  assert.deepEqual(
    list.templates.map(({ name }) => name),
    names,
  );
});

test("template NAME prints the profile to stdout, to the file, and the rest to stderr", context => {
  const ran = template("web-node", ...HOST);
  assert.equal(ran.status, 0);
  const names = parseProfile(ran.stdout, "web-node").syscalls?.[0]?.names ?? [];
  assert.deepEqual(names, [...new Set(names)].sort());
  assert.match(ran.stderr, /servers on Node\.js[^]*Proven with:\n {2}node http: made to measure/);
  const file = path.join(temporaryFolder(context), "profile.json");
  assert.equal(template("web-node", ...HOST, "-o", file).stdout, "");
  assert.equal(readFileSync(file, "utf8"), ran.stdout);
});

test("an unknown template, and options of another one, are errors with advice", () => {
  const unknown = template("webb");
  assert.equal(unknown.status, 2);
  for (const { name } of TEMPLATES) assert.ok(unknown.stderr.includes(name));
  assert.equal(template("web", "--block-high-risk").status, 2);
  assert.equal(template("web", "--from", "x.json").status, 2);
  assert.equal(template("runtime-default", "--arch", "m68k").status, 2);
});

test("complain logs everything; --block-high-risk stops what is of high risk", () => {
  const high = riskyCalls().filter(
    name => riskOf(name)?.level === "high" && syscallByName("x86_64", name) !== undefined,
  );
  assert.ok(high.length > 30);
  const open = verdictsOf(template("complain").stdout);
  const blocking = verdictsOf(template("complain", "--block-high-risk").stdout);
  for (const name of high) assert.deepEqual([open(name), blocking(name)], ["log", "errno"], name);
  for (const name of ["read", "socket", "clone", "chroot"]) {
    assert.deepEqual([open(name), blocking(name)], ["log", "log"], name);
  }
});

test("runtime-default is what Docker gives, with the capabilities and the kernel of the question", () => {
  const usual = verdictsOf(template("runtime-default", ...HOST).stdout);
  assert.deepEqual(
    ["read", "ptrace", "mount", "clone3", "chroot"].map(name => usual(name)),
    ["allow", "allow", "errno", "errno", "allow"],
  );
  assert.deepEqual([usual("clone", 17n), usual("clone", 0x1000_0011n)], ["allow", "errno"]);
  assert.deepEqual(
    [2n, 38n, 39n, 40n, 41n].map(family => usual("socket", family)),
    ["allow", "errno", "allow", "errno", "allow"],
  );
  const admin = verdictsOf(template("runtime-default", ...HOST, "--cap", "SYS_ADMIN").stdout);
  assert.deepEqual(
    [admin("mount"), admin("clone3"), admin("clone", 0x1000_0011n), admin("reboot")],
    ["allow", "allow", "allow", "errno"],
  );
  const old = verdictsOf(template("runtime-default", "--arch", "x86_64", "--kernel", "4.4").stdout);
  assert.equal(old("ptrace"), "errno");
});

test("runtime-default resolves a profile file's conditions", context => {
  const file = path.join(temporaryFolder(context), "default.json");
  const allow = { action: "SCMP_ACT_ALLOW" };
  writeFileSync(
    file,
    JSON.stringify({
      defaultAction: "SCMP_ACT_ERRNO",
      archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }],
      syscalls: [
        { names: ["read"], ...allow },
        { names: ["mount"], ...allow, includes: { caps: ["CAP_SYS_ADMIN"] } },
        { names: ["ptrace"], ...allow, includes: { minKernel: "4.8" } },
      ],
    }),
  );
  const ran = template("runtime-default", ...HOST, "--from", file);
  assert.deepEqual(JSON.parse(ran.stdout), {
    defaultAction: "SCMP_ACT_ERRNO",
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
    syscalls: [
      { names: ["read"], ...allow },
      { names: ["ptrace"], ...allow },
    ],
  });
});

testWith(["linux"], "programs run under complain and runtime-default", context => {
  const file = path.join(temporaryFolder(context), "profile.json");
  for (const name of ["complain", "runtime-default"]) {
    assert.equal(template(name, "-o", file).status, 0);
    const ran = spawnSync(process.execPath, [
      PROGRAM,
      "run",
      "--profile",
      file,
      "--",
      "sh",
      "-c",
      "ls / | wc -l",
    ]);
    assert.equal(ran.status, 0, `${name}: ${ran.stderr.toString()}`);
  }
});
