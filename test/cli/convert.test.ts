import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { printCrd } from "../../src/output/crd.ts";
import { parseCrd } from "../../src/output/crd-read.ts";
import { printLibseccompProgram } from "../../src/output/libseccomp.ts";
import { printMinijail } from "../../src/output/minijail.ts";
import { parseMinijail } from "../../src/output/minijail-read.ts";
import { printSystemd } from "../../src/output/systemd.ts";
import { looksLikeSystemd, parseSystemd } from "../../src/output/systemd-read.ts";
import { inequality } from "../../src/profile/algebra.ts";
import { DOCKER_CAPABILITIES, type Host, type ProfileDocument } from "../../src/profile/document.ts";
import { FunctionStore } from "../../src/profile/function-store.ts";
import { functionsOf } from "../../src/profile/functions.ts";
import { parseProfile } from "../../src/profile/parse.ts";
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

for (const [form, { print, parse }] of Object.entries(FORMS)) {
  test(`${form}: there and back means the same, or is refused with the reason`, () => {
    const random = new Random(form.length);
    let kept = 0;
    for (let i = 0; i < 1500; i++) {
      const simple = random.chance(0.5);
      const document = randomProfile(random, {
        rules: 3,
        conditions: form === "systemd" || simple ? 0 : 2,
        names: ["read", "socket", "ioctl", "write", "close"],
        architectures: form === "minijail" ? [] : ["SCMP_ARCH_X86"],
      });
      const shaped: ProfileDocument =
        form === "crd"
          ? document
          : {
              ...document,
              defaultAction: "SCMP_ACT_KILL_PROCESS",
              syscalls:
                document.syscalls?.map(rule => ({ ...rule, action: "SCMP_ACT_ALLOW" as const })) ?? [],
            };
      try {
        resolveProfile(shaped, HOST);
        same(parse(print(shaped), "x"), shaped);
        kept++;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        assert.match(error.message, /cannot say this: .|EEXIST|hang/);
      }
    }
    assert.ok(kept > 300, `${kept} of ${form}`);
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

testWith(
  ["file:/usr/lib/systemd/system/redis-server.service"],
  "the units of Debian's packages are read",
  () => {
    const units = readdirSync("/usr/lib/systemd/system").filter(name => name.endsWith(".service"));
    let read = 0;
    for (const name of units) {
      const text = readFileSync(path.join("/usr/lib/systemd/system", name), "utf8");
      if (!looksLikeSystemd(text)) continue;
      const document = parseSystemd(text, name);
      assert.ok((document.syscalls?.[0]?.names.length ?? 0) > 5, name);
      resolveProfile(document, HOST);
      read++;
    }
    assert.ok(read > 0);
    const redis = seccraft("--to", "names", "/usr/lib/systemd/system/redis-server.service");
    assert.equal(redis.status, 0, redis.stderr);
  },
);
