import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test, type TestContext } from "node:test";
import { parse } from "yaml";
import { dockerArchive } from "../support/archive.ts";
import { PROGRAM } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";
import { ROOT, temporaryFolder } from "../support/programs.ts";
import { makeRoot } from "../support/rootfs.ts";

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const HOST = ["--arch", "x86_64", "--kernel", "6.1"];

function seccraft(...args: string[]): Ran {
  return spawnSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8", timeout: 60_000 });
}

/** A profile and a record of one run, of a shell at some work. */
function recorded(folder: string, name: string, work: string): { profile: string; evidence: string } {
  const profile = path.join(folder, `${name}.json`);
  const evidence = path.join(folder, `${name}.evidence.json`);
  const ran = seccraft("record", "-o", profile, "--evidence", evidence, "--", "sh", "-c", work);
  assert.equal(ran.status, 0, ran.stderr);
  return { profile, evidence };
}

testWith(
  ["linux"],
  "check tells what a new version calls that the old one did not, and who does",
  context => {
    const folder = temporaryFolder(context);
    const before = recorded(folder, "before", `: > ${folder}/a`);
    const after = recorded(folder, "after", `: > ${folder}/a; ln -s a ${folder}/b`);
    const same = seccraft("check", "--profile", before.profile, "--evidence", before.evidence);
    assert.deepEqual([same.status, same.stdout], [0, `${before.profile} covers everything\n`]);
    const ran = seccraft("check", "--profile", before.profile, "--evidence", after.evidence);
    assert.equal(ran.status, 1, ran.stderr);
    assert.match(ran.stdout, /^symlinkat \(x86_64\): ERRNO \(EPERM\); .*\bln\b/m);
    assert.doesNotMatch(ran.stdout, /^write |^openat /m);
    const markdown = seccraft(
      "check",
      "--profile",
      before.profile,
      "--evidence",
      after.evidence,
      "--format",
      "markdown",
    );
    assert.match(markdown.stdout, /^\| `symlinkat` \| x86_64 \| ERRNO \(EPERM\) \| .*\bln\b.* \|$/m);
  },
);

/** Evidence of calls made once, with what is known of their arguments. */
function evidenceOf(folder: string, calls: readonly object[]): string {
  const file = path.join(folder, "evidence.json");
  const run = {
    id: "1",
    source: "ebpf",
    purpose: "observe",
    target: { kind: "command", argv: ["server"] },
    tool: "seccraft 0.1.0",
    finished: true,
  };
  const observations = calls.map(call => ({ run: "1", abi: "x86_64", count: 1, ...call }));
  writeFileSync(file, JSON.stringify({ seccraft: "evidence/1", runs: [run], observations, gaps: [] }));
  return file;
}

function templateIn(folder: string): string {
  const profile = path.join(folder, "web.json");
  assert.equal(seccraft("template", "web", ...HOST, "-o", profile).status, 0);
  return profile;
}

test("check takes ENOSYS for covered where an older call is let through, and only there", context => {
  const folder = temporaryFolder(context);
  const clone3 = evidenceOf(folder, [{ number: 435, syscall: "clone3" }]);
  assert.equal(seccraft("check", ...HOST, "--profile", templateIn(folder), "--evidence", clone3).status, 0);
  const without = path.join(folder, "without.json");
  const rule = { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38 };
  writeFileSync(without, JSON.stringify({ defaultAction: "SCMP_ACT_ERRNO", syscalls: [rule] }));
  assert.equal(seccraft("check", ...HOST, "--profile", without, "--evidence", clone3).status, 1);
});

test("check --certain leaves out what depends on arguments that nobody knows", context => {
  const folder = temporaryFolder(context);
  const profile = templateIn(folder);
  const socket = evidenceOf(folder, [{ number: 41, syscall: "socket" }]);
  const unsure = seccraft("check", ...HOST, "--profile", profile, "--evidence", socket);
  assert.equal(unsure.status, 1);
  assert.match(unsure.stdout, /^socket \(x86_64\): perhaps ERRNO/);
  assert.equal(seccraft("check", ...HOST, "--certain", "--profile", profile, "--evidence", socket).status, 0);
  const mount = evidenceOf(folder, [{ number: 165, syscall: "mount" }]);
  assert.equal(seccraft("check", ...HOST, "--certain", "--profile", profile, "--evidence", mount).status, 1);
});

/** A root folder with a shell, an entrypoint that executes its arguments, `true` and `ln`. */
function rootWithShell(folder: string): string {
  return makeRoot(path.join(folder, "root"), {
    programs: ["/bin/sh", "/bin/true", "/bin/ln"],
    texts: { "entry.sh": '#!/bin/sh\nexec "$@"\n' },
  });
}

async function imageOf(folder: string, root: string, cmd: string): Promise<string> {
  const layer = spawnSync("tar", ["-C", root, "-c", "."], { maxBuffer: 1 << 28 }).stdout;
  const file = path.join(folder, `${cmd}.tar`);
  const run = { Entrypoint: ["./entry.sh"], Cmd: [cmd], WorkingDir: "/" };
  writeFileSync(file, await dockerArchive([layer], undefined, run));
  return file;
}

testWith(
  ["linux", "program:tar"],
  "check --image analyses what the image starts, with the image's own libraries, and leaves nothing behind",
  async context => {
    const folder = temporaryFolder(context);
    const root = rootWithShell(folder);
    const profile = path.join(folder, "static.json");
    const made = seccraft("analyze", "--root", root, "-o", profile, "/entry.sh", "/bin/true");
    assert.equal(made.status, 0, made.stderr);
    const check = (...args: string[]): Ran => {
      const temporary = path.join(folder, "tmp");
      mkdirSync(temporary, { recursive: true });
      const ran = spawnSync(process.execPath, [PROGRAM, "check", "--profile", profile, ...args], {
        encoding: "utf8",
        timeout: 60_000,
        env: { ...process.env, TMPDIR: temporary },
      });
      assert.deepEqual(
        readdirSync(temporary, { recursive: true }).filter(name => String(name).includes("image")),
        [],
      );
      return ran;
    };
    const same = check("--image", await imageOf(folder, root, "true"));
    assert.equal(same.status, 0, same.stdout + same.stderr);
    assert.match(same.stderr, /^programs of .*true\.tar: \/entry\.sh \/usr\/bin\/true$/m);
    const image = await imageOf(folder, root, "ln");
    const more = check("--image", image);
    assert.equal(more.status, 1, more.stderr);
    assert.match(more.stdout, /^symlinkat \(x86_64\): ERRNO \(EPERM\); .*symlinkat/m);
    assert.match(check("--image", root).stderr, /names no program that it starts; say which with --binary/);
    const absent = check("--image", image, "--binary", "nginx");
    assert.deepEqual([absent.status, /has no program nginx/.test(absent.stderr)], [2, true]);
    assert.equal(check("--image", root, "--binary", "true", "--root", root).status, 2);
    assert.equal(check("--image", "/dev/null").status, 2);
  },
);

interface Action {
  readonly inputs: Record<string, { default?: string; required?: boolean }>;
  readonly runs: { readonly steps: readonly { env: Record<string, string>; run: string }[] };
}

/** Runs the action's step as GitHub would, with this seccraft for the one that npx fetches. */
function runAction(context: TestContext, inputs: Record<string, string>): Ran & { readonly summary: string } {
  const folder = temporaryFolder(context);
  const action = parse(readFileSync(path.join(ROOT, "action.yml"), "utf8")) as Action;
  const npx = path.join(folder, "npx");
  writeFileSync(npx, `#!/bin/sh\nshift 2\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  chmodSync(npx, 0o755);
  const [step] = action.runs.steps;
  assert.ok(step !== undefined && action.runs.steps.length === 1);
  const env = Object.fromEntries(
    Object.entries(step.env).map(([name, text]) => {
      const input = /^\$\{\{ inputs\.(\w+) \}\}$/.exec(text)?.[1] ?? "";
      assert.ok(input in action.inputs, `${name}: ${text}`);
      return [name, inputs[input] ?? action.inputs[input]?.default ?? ""];
    }),
  );
  const summary = path.join(folder, "summary.md");
  // GitHub's own options for `shell: bash`.
  const ran = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step.run], {
    encoding: "utf8",
    timeout: 60_000,
    env: {
      ...process.env,
      ...env,
      PATH: `${folder}:${process.env["PATH"] ?? ""}`,
      GITHUB_STEP_SUMMARY: summary,
    },
  });
  return { ...ran, summary: readFileSync(summary, "utf8") };
}

testWith(["program:bash"], "the GitHub Action fails with a summary, and passes with one", context => {
  const folder = temporaryFolder(context);
  const profile = templateIn(folder);
  const mount = evidenceOf(folder, [{ number: 165, syscall: "mount", executable: "/srv/server" }]);
  const failed = runAction(context, { profile, evidence: mount });
  assert.equal(failed.status, 1, failed.stderr);
  assert.match(failed.summary, /stops 1 call\.[^]*\| `mount` \|.*server/);
  const socket = evidenceOf(folder, [{ number: 41, syscall: "socket" }]);
  const passed = runAction(context, { profile, evidence: socket, certain: "true" });
  assert.equal(passed.status, 0, passed.stderr);
  assert.match(passed.summary, /covers everything/);
});

test("the example workflow gives the action inputs that it has", () => {
  const action = parse(readFileSync(path.join(ROOT, "action.yml"), "utf8")) as Action;
  const workflow = parse(readFileSync(path.join(ROOT, "examples/check-workflow.yml"), "utf8")) as {
    jobs: { check: { steps: { uses?: string; with?: Record<string, string> }[] } };
  };
  const step = workflow.jobs.check.steps.find(({ uses }) => uses?.includes("/seccraft@") === true);
  assert.ok(step?.with !== undefined);
  for (const name of Object.keys(step.with)) assert.ok(name in action.inputs, name);
  for (const [name, { required }] of Object.entries(action.inputs)) {
    if (required === true) assert.ok(name in step.with, name);
  }
});
