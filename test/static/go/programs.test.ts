import assert from "node:assert/strict";
import { analyzeFile, type AnalysisReport } from "../../../src/static/analyze.ts";
import { testWith } from "../../support/needs.ts";
import { buildGo, GO_1_19, type GoBuild } from "./build.ts";
import { traceSyscalls } from "./trace.ts";

const NEEDS = ["linux", "program:go", "program:strace", `file:${GO_1_19}`] as const;

function analyze(file: string, phases = false): AnalysisReport {
  return analyzeFile(file, {
    root: "/",
    hints: { dlopen: [], resolve: new Map() },
    assumeExec: [],
    phases,
    tool: "test",
  });
}

const found = (report: AnalysisReport): Set<string> =>
  new Set(report.evidence.observations.map(o => o.syscall));
const unresolved = (report: AnalysisReport): string[] =>
  report.evidence.gaps.filter(g => g.kind === "unresolved-site").map(g => g.reason);

interface Case extends GoBuild {
  /** Syscalls that the program is about; all of them have to be in the trace as well. */
  readonly shows: readonly string[];
}

const cases: readonly Case[] = [
  { program: "web", shows: ["accept4", "epoll_pwait", "socket"] },
  { program: "commands", shows: ["execve", "renameat", "symlinkat", "waitid"] },
  { program: "commands", go: GO_1_19, stripped: true, shows: ["execve", "renameat", "wait4"] },
  { program: "commands", pie: true, stripped: true, shows: ["execve", "renameat"] },
  { program: "reflection", shows: ["sync", "getsid"] },
  { program: "reflection", go: GO_1_19, shows: ["sync", "getsid"] },
  { program: "assembler", shows: ["getsid", "getpgid"] },
  { program: "allthreads", shows: ["prctl", "setgid"] },
  { program: "allthreads", go: GO_1_19, stripped: true, shows: ["prctl", "setgid"] },
  { program: "forwarders", shows: ["getsid", "getpgid", "getpriority"] },
  { program: "cgo", cgo: true, shows: ["getsid", "getpriority"] },
];

function titleOf(build: GoBuild): string {
  const parts = [build.program, build.go ? "1.19" : "", build.pie && "PIE", build.stripped && "stripped"];
  return parts.filter(part => part !== "" && part !== undefined && part !== false).join(" ");
}

for (const { shows, ...build } of cases) {
  testWith(NEEDS, `finds all that a run makes, without a gap in Go code: ${titleOf(build)}`, () => {
    const file = buildGo(build);
    const report = analyze(file);
    const names = found(report);
    const traced = traceSyscalls(file);
    assert.equal(traced.status, 0);
    assert.deepEqual(
      traced.syscalls.filter(name => !names.has(name)),
      [],
    );
    assert.deepEqual(
      shows.filter(name => !traced.syscalls.includes(name)),
      [],
      "the run shows what it is about",
    );
    assert.deepEqual(
      unresolved(report).filter(reason => !reason.includes("/lib/")),
      [],
    );
  });
}

testWith(
  NEEDS,
  "a number that is read from a table that anybody can write to is a gap where it is read",
  () => {
    const report = analyze(buildGo({ program: "values" }));
    const names = found(report);
    for (const name of ["getpgid", "getcwd", "sched_yield", "umask"]) assert.ok(names.has(name), name);
    assert.equal(unresolved(report).length, 1);
    assert.match(unresolved(report)[0] ?? "", /main\.main/);
  },
);

testWith(NEEDS, "a hint names a call by what it is called, whatever its number on the machine", () => {
  const file = buildGo({ program: "values", arch: "arm64" });
  const before = analyze(file);
  assert.equal(unresolved(before).length, 1);
  assert.ok(!found(before).has("sched_setattr"));
  const hinted = (word: string): AnalysisReport =>
    analyzeFile(file, {
      root: "/",
      hints: { dlopen: [], resolve: new Map([["main.main", [word]]]) },
      assumeExec: [],
      phases: false,
      tool: "test",
    });
  assert.ok(found(hinted("sched_setattr")).has("sched_setattr"));
  assert.equal(unresolved(hinted("sched_setattr")).length, 0);
  // AArch64 has no such call, so that this closes nothing.
  assert.equal(unresolved(hinted("open")).length, 1);
});

testWith(NEEDS, "a static net/http server needs at most 70 syscalls", () => {
  const names = found(analyze(buildGo({ program: "web" })));
  assert.ok(names.size <= 70, `${names.size}: ${[...names].sort().join(" ")}`);
});

testWith(NEEDS, "what only Go's start-up calls is told apart from what main and the scheduler do", () => {
  const { observations } = analyze(buildGo({ program: "web" }), true).evidence;
  const phases = new Map<string, Set<string | undefined>>();
  for (const { syscall, phase } of observations)
    phases.set(syscall, (phases.get(syscall) ?? new Set()).add(phase));
  for (const name of ["arch_prctl", "mincore"]) assert.deepEqual([...(phases.get(name) ?? [])], ["startup"]);
  for (const name of ["accept4", "clone", "futex", "epoll_pwait", "rt_sigaction", "exit_group"])
    assert.ok(phases.get(name)?.has("serving"), name);
});

testWith(NEEDS, "finds the same calls in the aarch64 build, by their numbers there", () => {
  for (const program of ["reflection", "assembler", "allthreads", "forwarders"]) {
    const report = analyze(buildGo({ program, arch: "arm64" }));
    const { shows } = cases.find(c => c.program === program) ?? { shows: [] };
    const names = found(report);
    assert.deepEqual(
      shows.filter(name => !names.has(name)),
      [],
      program,
    );
    assert.deepEqual(unresolved(report), [], program);
    const own = found(analyze(buildGo({ program })));
    // AArch64 has no arch_prctl for thread pointers.
    assert.deepEqual([...own].filter(name => !names.has(name)).sort(), ["arch_prctl"], program);
    assert.deepEqual(
      [...names].filter(name => !own.has(name)),
      [],
      program,
    );
  }
});
