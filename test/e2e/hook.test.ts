import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { abisOfMachine } from "../../src/abi/abi.ts";
import type { Evidence } from "../../src/evidence/model.ts";
import { buildGo, GO_1_19 } from "../static/go/build.ts";
import { Playground, PROGRAM } from "../support/cli.ts";
import { testWith, type Need } from "../support/needs.ts";
import { compileProgram } from "../support/programs.ts";
import { makeRoot, type Contents } from "../support/rootfs.ts";
import { eventually } from "../support/target.ts";
import { traceContainer } from "../support/traced-runc.ts";

const NEEDS: readonly Need[] = ["root", "program:runc"];

interface Case {
  readonly name: string;
  readonly needs?: readonly Need[];
  readonly contents: (folder: string) => Contents;
  readonly args: readonly string[];
  /** Calls that nobody else in the container makes. */
  readonly calls: readonly string[];
}

/** A program of testdata/programs as `/tool` of the image. */
function tool(name: string, ...flags: string[]): Case["contents"] {
  return folder => {
    const built = compileProgram(folder, name, ["-static", ...flags]);
    return { programs: [], texts: {}, copies: { tool: built } };
  };
}

const CASES: readonly Case[] = [
  {
    name: "busybox",
    contents: () => ({ programs: ["/bin/busybox"] }),
    args: ["/bin/busybox", "mkdir", "/tmp/made"],
    calls: ["mkdir"],
  },
  {
    name: "busybox sh, with pipes and children",
    contents: () => ({ programs: ["/bin/busybox"] }),
    args: ["/bin/busybox", "sh", "-c", "echo a | /bin/busybox cat; /bin/busybox uname"],
    calls: ["uname", "wait4"],
  },
  {
    name: "bash",
    contents: () => ({ programs: ["/bin/bash", "/bin/ls"] }),
    args: ["/bin/bash", "-c", "ls /; umask 077"],
    calls: ["umask", "rt_sigaction"],
  },
  {
    name: "Go, static",
    needs: [`file:${GO_1_19}`],
    contents: () => ({ programs: [], copies: { tool: buildGo({ program: "allthreads", go: GO_1_19 }) } }),
    args: ["/tool"],
    calls: ["setgid", "sched_getaffinity"],
  },
  {
    name: "python",
    needs: ["file:/usr/bin/python3.11"],
    contents: () => ({ programs: ["/usr/bin/python3.11"], files: ["/usr/lib/python3.11"] }),
    args: ["/usr/bin/python3.11", "-c", "import os; os.getsid(0)"],
    calls: ["getsid"],
  },
  {
    name: "perl",
    needs: ["file:/usr/bin/perl"],
    contents: () => ({ programs: ["/usr/bin/perl"] }),
    args: ["/usr/bin/perl", "-e", "symlink 'a', '/tmp/b'"],
    calls: ["symlink"],
  },
  {
    name: "sqlite3",
    needs: ["file:/usr/bin/sqlite3"],
    contents: () => ({ programs: ["/usr/bin/sqlite3"] }),
    args: ["/usr/bin/sqlite3", "/tmp/base.db", "create table t(a); insert into t values(1);"],
    calls: ["fdatasync", "pwrite64"],
  },
  {
    name: "node",
    contents: () => ({ programs: [process.execPath] }),
    args: [process.execPath, "-e", "require('fs').chmodSync('/tmp', 0o700)"],
    calls: ["fchmodat", "chmod"],
  },
  { name: "threads", needs: ["program:gcc"], contents: tool("threads"), args: ["/tool"], calls: ["sysinfo"] },
  {
    name: "forks and vfork",
    needs: ["program:gcc"],
    contents: tool("forks"),
    args: ["/tool"],
    calls: ["vfork"],
  },
];

/** What Go's runtime, in runc's init among others, calls or does not call by its own timing. */
const BY_TIMING: ReadonlySet<string> = new Set(
  "clone epoll_ctl epoll_pwait fcntl futex getpid gettid madvise mmap mprotect munmap nanosleep restart_syscall rt_sigprocmask rt_sigreturn sched_yield sigaltstack tgkill".split(
    " ",
  ),
);

let containers = 0;

interface Bundle {
  readonly folder: string;
  readonly name: string;
  readonly output: string;
  /** Arguments of runc. */
  readonly run: readonly string[];
}

interface BundleOptions {
  readonly args: readonly string[];
  readonly hook?: readonly string[];
  readonly annotation?: (output: string) => string;
  readonly stage?: string;
  /** With a filter that lets everything pass, or with none. */
  readonly filter?: boolean;
}

/** An OCI bundle as `runc spec` makes it, with the hook. */
function makeBundle(playground: Playground, root: string, options: BundleOptions): Bundle {
  const name = `sc-hook-${process.pid}-${containers++}`;
  const folder = playground.subfolder(name);
  const output = path.join(folder, "profile.json");
  const made = spawnSync("runc", ["spec"], { cwd: folder, encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  const file = path.join(folder, "config.json");
  const config = JSON.parse(readFileSync(file, "utf8")) as {
    process: Record<string, unknown>;
    linux: Record<string, unknown>;
    [field: string]: unknown;
  };
  Object.assign(config.process, { terminal: false, args: options.args });
  Object.assign(config.linux, { cgroupsPath: `/${name}` });
  const architectures = abisOfMachine(process.arch).map(abi => abi.scmp);
  if (options.filter === true) config.linux["seccomp"] = { defaultAction: "SCMP_ACT_ALLOW", architectures };
  config["root"] = { path: root };
  config["annotations"] = { "io.containers.trace-syscall": options.annotation?.(output) ?? `of:${output}` };
  if (options.hook !== undefined) {
    const args = ["node", PROGRAM, "hook", ...options.hook];
    const env = [`TMPDIR=${folder}`];
    config["hooks"] = { [options.stage ?? "prestart"]: [{ path: process.execPath, args, env }] };
  }
  writeFileSync(file, JSON.stringify(config));
  const run = ["--root", path.join(folder, "state"), "run", "--bundle", folder, name];
  return { folder, name, output, run };
}

function runContainer({ run }: Bundle): { status: number | null; stderr: string } {
  return spawnSync("runc", [...run], { encoding: "utf8", timeout: 60_000 });
}

interface Traced {
  readonly defaultAction: string;
  readonly architectures: string[];
  readonly syscalls: { names?: string[]; [field: string]: unknown }[];
}

async function readTraced(bundle: Bundle): Promise<Traced> {
  await eventually("the hook has written the profile", () => existsSync(bundle.output));
  await eventually("the hook has ended", () => !readFileSync("/proc/self/mountinfo").includes(bundle.name));
  return JSON.parse(readFileSync(bundle.output, "utf8")) as Traced;
}

for (const [index, { name, needs = [], contents, args, calls }] of CASES.entries()) {
  testWith([...NEEDS, ...needs, "program:strace"], `hook: ${name}`, async context => {
    const playground = new Playground(context);
    const filled = contents(playground.subfolder("build"));
    const root = makeRoot(playground.subfolder("root"), filled);
    const filter = index % 2 === 1;
    const stage = index % 3 === 0 ? "createRuntime" : "prestart";
    const bundle = makeBundle(playground, root, { args, hook: [], stage, filter });
    const ended = runContainer(bundle);
    assert.equal(ended.status, 0, ended.stderr);
    const traced = await readTraced(bundle);
    const seen = new Set(traced.syscalls.flatMap(rule => rule.names ?? []));
    assert.ok(
      calls.some(call => seen.has(call)),
      [...seen].join(" "),
    );
    // The same once more from the start: python, for one, leaves files behind.
    const fresh = makeRoot(playground.subfolder("fresh"), filled);
    const other = makeBundle(playground, fresh, { args, filter });
    const expected = traceContainer(other.run, playground.path("strace.log"));
    const differ = [...seen, ...expected].filter(call => seen.has(call) !== expected.has(call));
    assert.deepEqual(
      differ.filter(call => !BY_TIMING.has(call)),
      [],
    );
    await playground.clean();
  });
}

/** A root with busybox, and a bundle that runs it with the hook. */
function busybox(playground: Playground, options: BundleOptions): Bundle {
  const root = playground.path("root");
  if (!existsSync(root)) makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
  return makeBundle(playground, root, options);
}

testWith(NEEDS, "hook: an input profile's rules stay, and what it blocks stays blocked", async context => {
  const playground = new Playground(context);
  const input = playground.path("input.json");
  const rule = { names: ["mkdir"], action: "SCMP_ACT_ERRNO", args: [] };
  const archMap = [{ architecture: abisOfMachine(process.arch)[0]?.scmp, subArchitectures: null }];
  writeFileSync(input, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", archMap, syscalls: [rule] }));
  const bundle = busybox(playground, {
    args: ["/bin/busybox", "mkdir", "/tmp/made"],
    hook: ["-s", "--evidence", playground.path("evidence")],
    annotation: output => `if:${input};of:${output}`,
  });
  assert.equal(runContainer(bundle).status, 0);
  const traced = await readTraced(bundle);
  assert.equal(traced.defaultAction, "SCMP_ACT_ERRNO");
  assert.deepEqual(traced.syscalls[0], { ...rule, comment: "", includes: {}, excludes: {} });
  const added = traced.syscalls[1]?.names ?? [];
  assert.ok(added.includes("execve") && !added.includes("mkdir"));
  const converted = await playground.run(["convert", "--to", "names", bundle.output]);
  assert.equal(converted.code, 0, `what we write we read: ${converted.stderr}`);
  const evidence = JSON.parse(
    readFileSync(playground.path(`evidence/${bundle.name}.json`), "utf8"),
  ) as Evidence;
  assert.deepEqual(evidence.runs[0]?.target, { kind: "container", id: bundle.name });
  assert.ok(
    evidence.observations.some(seen => seen.syscall === "mkdir" && seen.executable === "/bin/busybox"),
  );
  await playground.clean();
});

testWith(
  NEEDS,
  "hook: a container that lives a moment, 20 times: each recorded completely",
  async context => {
    const playground = new Playground(context);
    const results = new Set<string>();
    for (let round = 0; round < 20; round++) {
      const bundle = busybox(playground, { args: ["/bin/busybox", "true"], hook: [] });
      assert.equal(runContainer(bundle).status, 0);
      const names = (await readTraced(bundle)).syscalls.flatMap(rule => rule.names ?? []);
      results.add(names.filter(name => !BY_TIMING.has(name)).join(" "));
    }
    assert.equal(results.size, 1, [...results].join("\n"));
    assert.ok([...results][0]?.includes("exit_group"));
    await playground.clean();
  },
);

testWith(
  [...NEEDS, "file:/usr/lib/gcc/x86_64-linux-gnu/12/32/libgcc.a"],
  "hook: 32-bit calls have their own names",
  async context => {
    const playground = new Playground(context);
    const build = tool(
      "thirty-two",
      "-m32",
      "-I/usr/include/x86_64-linux-gnu",
    )(playground.subfolder("build"));
    const root = makeRoot(playground.subfolder("root"), build);
    const bundle = makeBundle(playground, root, { args: ["/tool"], hook: [] });
    assert.equal(runContainer(bundle).status, 0);
    const traced = await readTraced(bundle);
    assert.deepEqual(traced.architectures, ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]);
    const names = traced.syscalls.flatMap(rule => rule.names ?? []);
    assert.ok(names.includes("set_thread_area"), names.join(" "));
    await playground.clean();
  },
);

testWith(NEEDS, "hook: what cannot be recorded is said, and nothing is left", async context => {
  const playground = new Playground(context);
  const args = ["/bin/busybox", "true"];
  const refused = (annotation: string, hook: string[] = []): string => {
    const bundle = busybox(playground, { args, hook, annotation: () => annotation });
    const { status, stderr } = runContainer(bundle);
    assert.equal(status, 1, stderr);
    return stderr;
  };
  assert.match(refused("of:relative.json"), /of: needs an absolute path/);
  assert.match(refused("if:/etc/hostname"), /of: is missing/);
  assert.match(refused("of:/tmp/a;if:/tmp/b;of:/tmp/c"), /more than one semicolon/);
  assert.match(refused(`of:${playground.path("nowhere/profile.json")}`), /cannot be written/);
  writeFileSync(playground.path("broken.json"), "{");
  assert.match(refused(`of:/tmp/a;if:${playground.path("broken.json")}`), /broken\.json:1/);
  const going = busybox(playground, { args, hook: ["--keep-going"], annotation: () => "of:relative.json" });
  assert.equal(runContainer(going).status, 0);
  const asked = await playground.run(["hook"]);
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /called by a container runtime/);
  await playground.clean();
});

testWith(NEEDS, "hook --print: what Podman and CRI-O look for in hooks.d, and runc runs", async context => {
  const playground = new Playground(context);
  const { stdout } = await playground.run(["hook", "--print"]);
  const file = JSON.parse(stdout) as {
    version: string;
    hook: { path: string; args: string[] };
    when: { annotations: Record<string, string> };
    stages: string[];
  };
  assert.equal(file.version, "1.0.0");
  assert.deepEqual(file.stages, ["prestart"]);
  const [pattern = ""] = Object.keys(file.when.annotations);
  assert.ok(new RegExp(pattern).test("io.containers.trace-syscall"));
  const output = playground.path("profile.json");
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  const pid = child.pid ?? -1;
  const state = { id: "x", pid, annotations: { "io.containers.trace-syscall": `of:${output}` } };
  // As a runtime calls it: without an environment.
  const called = spawnSync(file.hook.path, file.hook.args.slice(1), {
    input: JSON.stringify(state),
    encoding: "utf8",
    env: { TMPDIR: playground.folder },
  });
  assert.equal(called.status, 0, called.stderr);
  child.kill("SIGKILL");
  await eventually("the profile", () => existsSync(output));
  await playground.clean();
});

testWith(
  [...NEEDS, "program:setpriv"],
  "hook: where the runtime has made no cgroup, the first process and its children are recorded",
  async context => {
    const playground = new Playground(context);
    const output = playground.path("profile.json");
    const script = 'read line; exec setpriv --no-new-privs sh -c \'mkdir "$0"; true\' "$0"';
    const child = spawn("sh", ["-c", script, playground.path("made")], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    const state = { id: "x", pid: child.pid, annotations: { "io.containers.trace-syscall": `of:${output}` } };
    const called = spawnSync(process.execPath, [PROGRAM, "hook"], {
      input: JSON.stringify(state),
      encoding: "utf8",
      env: { ...process.env, TMPDIR: playground.folder },
    });
    assert.equal(called.status, 0, called.stderr);
    child.stdin.end("\n");
    await eventually("the profile", () => existsSync(output));
    const traced = JSON.parse(readFileSync(output, "utf8")) as Traced;
    const names = traced.syscalls.flatMap(rule => rule.names ?? []);
    for (const name of ["execve", "mkdir", "exit_group"]) assert.ok(names.includes(name), names.join(" "));
    // What the shell did before is not the container's.
    assert.ok(!names.includes("dup2"), names.join(" "));
    await playground.clean();
  },
);
