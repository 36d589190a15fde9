import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { runConvert } from "../../src/cli/convert.ts";
import { PROFILE_FORMATS, type ProfileFormat } from "../../src/cli/commands/convert.ts";
import { runLint } from "../../src/cli/lint.ts";
import { readProfileInput, readProfileInputs } from "../../src/cli/inputs.ts";
import { InputError } from "../../src/errors.ts";
import { looksLikeSystemd } from "../../src/output/systemd-read.ts";
import { inequality } from "../../src/profile/algebra.ts";
import { DOCKER_CAPABILITIES, type Host, type ProfileDocument } from "../../src/profile/document.ts";
import { FunctionStore } from "../../src/profile/function-store.ts";
import { functionsOf } from "../../src/profile/functions.ts";
import { resolveProfile } from "../../src/profile/resolve.ts";
import { type Need, testWith } from "../support/needs.ts";
import { temporaryFolder } from "../support/programs.ts";

const MOBY = "/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp";
const UNITS = "/usr/lib/systemd/system";
const OPERATOR = "testdata/operator";
const HOST: Host = { abi: "x86_64", capabilities: DOCKER_CAPABILITIES, kernel: "6.1" };
const QUESTION = { arch: "x86_64", cap: [], kernel: "6.1", name: "profile" } as const;

/** Forms that are read again, and mean the same then. */
const READ_BACK: readonly ProfileFormat[] = ["oci", "docker", "crd", "crd-v1beta1", "systemd", "minijail"];

type Refusals = Readonly<Partial<Record<ProfileFormat, RegExp>>>;

const CONDITIONS = /SystemCallFilter= cannot say this: conditions on arguments/;
const ERRNO_DEFAULT = /a Minijail policy cannot say this: SCMP_ACT_ERRNO as the default/;
const OTHER_ERRNO = /a SeccompProfile cannot say this: a default errno other than EPERM/;

function same(a: ProfileDocument, b: ProfileDocument, what: string): void {
  const store = new FunctionStore();
  const meaning = (document: ProfileDocument): ReturnType<typeof functionsOf> =>
    functionsOf(resolveProfile(document, HOST, { enosysStub: false }), store);
  const counter = inequality(meaning(a), meaning(b));
  assert.equal(counter, undefined, `${what}: ${counter?.name} ${counter?.args.join(" ")}`);
}

/** Converts a profile to every form: each is written, and means the same when it is read, or is refused as said. */
async function convertToAll(
  folder: string,
  file: string,
  refusals: Refusals,
  base: { base?: string },
): Promise<void> {
  const { document } = await readProfileInput(file, base.base);
  for (const to of PROFILE_FORMATS) {
    const output = path.join(folder, to);
    const refusal = refusals[to];
    const convert = async (): Promise<void> => await runConvert(file, { ...QUESTION, ...base, to, output });
    if (refusal !== undefined) {
      await assert.rejects(convert, error => error instanceof InputError && refusal.test(error.message), to);
      continue;
    }
    await convert();
    assert.ok(to === "names" || readFileSync(output).length > 0, `${file} as ${to}`);
    if (!READ_BACK.includes(to)) continue;
    const back = await readProfileInput(output);
    same(back.document, document, `${file} as ${to}`);
  }
}

/** Lints a file for every reader; everything found has a rule and a place in the file. */
async function lintForAll(folder: string, file: string, base: { base?: string }): Promise<void> {
  const output = path.join(folder, "lint.json");
  for (const target of ["docker", "containerd", "podman", "cri-o", "systemd"] as const) {
    const status = await runLint([file], {
      ...QUESTION,
      ...base,
      target,
      runtimeVersion: ["1.1.5", "libseccomp=2.5.4"],
      ignore: [],
      failOn: "error",
      format: "json",
      output,
    });
    const report = JSON.parse(readFileSync(output, "utf8")) as {
      files: { file: string; findings: { rule: string; severity: string; message: string }[] }[];
    };
    const findings = report.files.flatMap(each => each.findings);
    assert.equal(status, findings.some(({ severity }) => severity === "error") ? 1 : 0);
    for (const { rule, message } of findings) assert.ok(rule !== "" && message !== "", file);
  }
}

interface Known {
  readonly file: string;
  readonly needs?: readonly Need[];
  readonly base?: string;
  readonly refusals: Refusals;
}

const COMMON = "/usr/share/containers/seccomp.json";
const PACKAGED: readonly Known[] = [
  { file: `${MOBY}/default.json`, refusals: { systemd: CONDITIONS, minijail: ERRNO_DEFAULT } },
  {
    file: `${MOBY}/fixtures/default-old-format.json`,
    refusals: { systemd: CONDITIONS, minijail: ERRNO_DEFAULT },
  },
  { file: `${MOBY}/fixtures/example.json`, refusals: { systemd: CONDITIONS, minijail: ERRNO_DEFAULT } },
  { file: `${MOBY}/fixtures/conditional_include.json`, refusals: { minijail: ERRNO_DEFAULT } },
  {
    file: COMMON,
    refusals: {
      crd: OTHER_ERRNO,
      "crd-v1beta1": OTHER_ERRNO,
      systemd: CONDITIONS,
      minijail: ERRNO_DEFAULT,
    },
  },
];

for (const { file, refusals } of PACKAGED) {
  testWith([`file:${file}`], `${file} is read, linted and converted`, async context => {
    const folder = temporaryFolder(context);
    await convertToAll(folder, file, refusals, {});
    await lintForAll(folder, file, {});
  });
}

testWith([`file:${MOBY}/default.json`], "no profile of Docker's package is left out", () => {
  const all = readdirSync(MOBY, { recursive: true }).map(String);
  for (const name of all.filter(each => each.endsWith(".json"))) {
    assert.ok(
      PACKAGED.some(({ file }) => file === path.join(MOBY, name)),
      name,
    );
  }
});

/** Units with a filter, one for each different one. */
function filteredUnits(): string[] {
  const found = new Map<string, string>();
  for (const name of readdirSync(UNITS).sort()) {
    const file = path.join(UNITS, name);
    if (!name.endsWith(".service") || !existsSync(file)) continue;
    const text = readFileSync(file, "utf8");
    const settings = text
      .split("\n")
      .filter(line => /^\s*SystemCall/.test(line))
      .join("\n");
    if (looksLikeSystemd(text) && !found.has(settings)) found.set(settings, file);
  }
  return [...found.values()];
}

/** What Minijail has no words for: an errno for all that is not named, and death for some of it alone. */
function refusalsOf({ defaultAction, syscalls = [] }: ProfileDocument): Refusals {
  if (defaultAction === "SCMP_ACT_ERRNO") return { minijail: ERRNO_DEFAULT };
  const kills = syscalls.some(({ action }) => action === "SCMP_ACT_KILL_PROCESS");
  return defaultAction === "SCMP_ACT_ALLOW" && kills ? { minijail: /in a policy that allows the rest/ } : {};
}

testWith(
  [`file:${UNITS}/redis-server.service`, `file:${UNITS}/systemd-journald.service`],
  "every unit of Debian's packages that has a filter is read, linted and converted",
  async context => {
    const folder = temporaryFolder(context);
    const units = filteredUnits();
    assert.ok(units.length >= 3, units.join(" "));
    for (const file of units) {
      const { document } = await readProfileInput(file);
      await convertToAll(folder, file, refusalsOf(document), {});
      await lintForAll(folder, file, {});
    }
  },
);

const NO_RULES = /cannot say this: a profile that allows nothing/;
const LOGS = /cannot say this: SCMP_ACT_LOG/;
const NOTHING_DENIED = /cannot say this: a profile that denies nothing/;
const EPERM = { minijail: ERRNO_DEFAULT };

/** By file and name; what is not here is refused as it is read. */
const DOCUMENTED: Readonly<Record<string, Refusals>> = {
  "baseprofile-crun.yaml": EPERM,
  "baseprofile-runc.yaml": EPERM,
  "documentation-1.yaml": { systemd: LOGS, minijail: LOGS },
  "documentation-2.yaml": EPERM,
  "documentation-5.yaml": { systemd: LOGS, minijail: LOGS },
  "seccompprofile-allowed-syscalls-change.yaml": EPERM,
  "seccompprofile-allowed-syscalls-validation.yaml#profile-allowed-syscalls": EPERM,
  "seccompprofile-allowed-syscalls-validation.yaml#profile-denied-syscalls": EPERM,
  "seccompprofile-allowed-syscalls-validation.yaml#profile-allow-all-syscalls": { systemd: NOTHING_DENIED },
  "seccompprofile-allowed-syscalls-validation.yaml#profile-block-all-syscalls": {
    systemd: NO_RULES,
    ...EPERM,
  },
  "seccompprofile.yaml#profile-block-all": { systemd: NO_RULES, ...EPERM },
  "seccompprofile.yaml#profile-complain-unsafe": { systemd: LOGS, minijail: LOGS },
  "seccompprofile.yaml#profile-allow-unsafe": { systemd: NOTHING_DENIED },
  "seccompprofile.yaml#profile-complain-block-high-risk": { systemd: LOGS, minijail: LOGS },
};

/** Why those cannot be used. */
const UNUSABLE: Readonly<Record<string, RegExp>> = {
  // A base from a registry.
  "documentation-3.yaml": /:6:20: spec\.baseProfileName: its base profile oci:\/\/\S+ is not given/,
  // An ellipsis among the names.
  "documentation-4.yaml": /:10:21: spec\.syscalls\[0\]\.names\[1\]: .* is not a syscall name/,
};

test("every SeccompProfile that the operator documents is read, linted and converted, or refused with its place", async context => {
  const folder = temporaryFolder(context);
  const base = { base: path.join(OPERATOR, "baseprofile-runc.yaml") };
  const seen = new Set<string>();
  for (const name of readdirSync(OPERATOR).filter(each => each.endsWith(".yaml"))) {
    const file = path.join(OPERATOR, name);
    const unusable = UNUSABLE[name];
    if (unusable !== undefined) {
      await assert.rejects(
        readProfileInputs(file),
        error => error instanceof InputError && unusable.test(error.message),
        name,
      );
      seen.add(name);
      continue;
    }
    await lintForAll(folder, file, base);
    for (const { name: profile } of await readProfileInputs(file, base.base)) {
      const key = profile === undefined ? name : `${name}#${profile}`;
      const refusals = DOCUMENTED[key];
      assert.ok(refusals !== undefined, key);
      seen.add(key);
      await convertToAll(folder, path.join(OPERATOR, key), refusals, base);
    }
  }
  assert.deepEqual([...seen].sort(), [...Object.keys(DOCUMENTED), ...Object.keys(UNUSABLE)].sort());
});
