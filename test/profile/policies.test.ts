import assert from "node:assert/strict";
import { test } from "node:test";
import { syscallByName } from "../../src/abi/syscalls.ts";
import type { Evidence, Observation } from "../../src/evidence/model.ts";
import { acceptedBy, neverObserved } from "../../src/profile/policies.ts";

function observation(run: string, syscall: string, more: Partial<Observation> = {}): Observation {
  return { run, abi: "x86_64", number: syscallByName("x86_64", syscall)?.number ?? -1, syscall, ...more };
}

function evidence(...observations: Observation[]): Evidence {
  const run = {
    purpose: "observe" as const,
    target: { kind: "command" as const, argv: ["x"] },
    tool: "test",
    finished: true,
  };
  return {
    seccraft: "evidence/1",
    runs: [
      { ...run, id: "ran", source: "ebpf" },
      { ...run, id: "code", source: "static" },
    ],
    observations,
    gaps: [],
  };
}

const names = (e: Evidence): string[] => [...new Set(e.observations.map(o => o.syscall))].sort();

const SAMPLE = evidence(
  observation("ran", "openat"),
  observation("ran", "accept4"),
  observation("code", "openat", { distance: 1 }),
  observation("code", "fsync", { distance: 1 }),
  observation("code", "statfs", { distance: 7 }),
  observation("code", "getdents64"),
  observation("code", "accept", { distance: 1 }),
  observation("code", "getsockopt", { distance: 1 }),
  observation("code", "inotify_add_watch", { distance: 1 }),
  observation("code", "setuid", { distance: 1 }),
  observation("code", "mount", { distance: 1 }),
  observation("code", "clock_gettime", { label: "vdso" }),
  observation("code", "restart_syscall", { label: "restart" }),
);

test("observed takes what ran, static everything", () => {
  assert.deepEqual(names(acceptedBy(SAMPLE, "observed")), ["accept4", "openat"]);
  assert.deepEqual(acceptedBy(SAMPLE, "static"), SAMPLE);
});

test("balanced adds near, low-risk calls of purposes at work, and nothing that has a substitute or is settled at start", () => {
  assert.deepEqual(names(acceptedBy(SAMPLE, "balanced")), [
    "accept4",
    "clock_gettime",
    "fsync",
    "getsockopt",
    "openat",
    "restart_syscall",
  ]);
});

/** What balanced adds to what ran, when static analysis finds the candidates near. */
function added(ran: string, candidates: string): string[] {
  const seen = ran.split(" ");
  const near = candidates.split(" ").map(name => observation("code", name, { distance: 1 }));
  const accepted = acceptedBy(evidence(...seen.map(name => observation("ran", name)), ...near), "balanced");
  return names(accepted).filter(name => !seen.includes(name));
}

test("work among several processes or threads is a relative once one was made", () => {
  assert.deepEqual(added("openat read", "wait4 futex"), []);
  assert.deepEqual(added("openat read clone", "wait4 futex"), ["futex", "wait4"]);
});

test("memory is given back by madvise() where threads are, not before", () => {
  assert.deepEqual(added("openat read brk", "madvise mremap"), ["mremap"]);
  assert.deepEqual(added("openat read brk clone3", "madvise mremap"), ["madvise", "mremap"]);
});

test("where a process is and whose child is a relative when programs alike are as likely as not to ask", () => {
  const shell = "openat read write clone wait4 pipe2 kill getpid newfstatat rt_sigaction dup2 execve";
  assert.deepEqual(added(shell, "chdir getppid fchdir getpriority"), ["chdir", "getppid"]);
});

test("who writes files that are to last gets what else that takes; one call on an object brings the others", () => {
  assert.deepEqual(added("openat pwrite64", "ftruncate fallocate"), ["fallocate", "ftruncate"]);
  assert.deepEqual(added("openat read", "timer_delete shmget"), []);
  assert.deepEqual(added("openat timer_create", "timer_delete shmget"), ["timer_delete"]);
});

test("what no program alike makes is no relative, however near", () => {
  assert.deepEqual(added("openat read socket bind accept4", "mknodat lookup_dcookie getsockopt"), [
    "getsockopt",
  ]);
});

test("kill() is a relative once a process was made, not when only threads were", () => {
  assert.deepEqual(added("openat read clone3 futex", "kill"), []);
  assert.deepEqual(added("openat read clone wait4", "kill"), ["kill"]);
});

test("who waits for descriptors in one way needs no other, but poll() is left to libraries", () => {
  assert.deepEqual(added("openat read socket accept4 epoll_wait", "pselect6 ppoll poll"), ["poll"]);
  assert.deepEqual(added("openat read socket accept4", "pselect6"), []);
  assert.deepEqual(added("openat read socket accept4 eventfd2", "pselect6"), ["pselect6"]);
});

test("what nearly all programs alike make needs no sign of its purpose, unless it is settled at start", () => {
  assert.deepEqual(added("openat read write clone wait4", "pipe2 getcwd umask getuid"), ["getcwd", "pipe2"]);
});

test("the message of a crash is no relative; a program's own writev() is", () => {
  const seen = ["openat", "read", "readv"].map(name => observation("ran", name));
  const at = (distance: number): Evidence => evidence(...seen, observation("code", "writev", { distance }));
  assert.ok(names(acceptedBy(at(1), "balanced")).includes("writev"));
  assert.ok(!names(acceptedBy(at(2), "balanced")).includes("writev"));
});

test("a substitute counts where the program itself uses it, not when another one of the target does", () => {
  const code = { distance: 1, executable: "/lib/libc.so.6" };
  const known = evidence(
    observation("ran", "openat", { executable: "/bin/server" }),
    observation("ran", "unlinkat", { executable: "/bin/helper" }),
    observation("code", "unlink", code),
  );
  const analyzed = (path: string): Evidence => ({
    ...known,
    runs: known.runs.map(run => (run.id === "code" ? { ...run, target: { kind: "file", path } } : run)),
  });
  assert.ok(names(acceptedBy(analyzed("/bin/server"), "balanced")).includes("unlink"));
  assert.ok(!names(acceptedBy(analyzed("/bin/helper"), "balanced")).includes("unlink"));
});

test("balanced lies between the other two, whatever the evidence", () => {
  const observed = new Set(names(acceptedBy(SAMPLE, "observed")));
  const balanced = new Set(names(acceptedBy(SAMPLE, "balanced")));
  for (const name of observed) assert.ok(balanced.has(name));
  for (const name of balanced) assert.ok(names(SAMPLE).includes(name));
});

test("a purpose that was not at work adds nothing of its kind", () => {
  const idle = evidence(
    observation("ran", "read"),
    observation("code", "getsockopt", { distance: 1 }),
    observation("code", "fsync", { distance: 1 }),
  );
  assert.deepEqual(names(acceptedBy(idle, "balanced")), ["fsync", "read"]);
});

test("what is reachable and never ran is listed once, by its nearest site", () => {
  const twice = evidence(
    observation("ran", "read"),
    observation("code", "fsync", { distance: 4 }),
    observation("code", "fsync", { distance: 1, executable: "/bin/b" }),
    observation("code", "read", { distance: 1 }),
  );
  assert.deepEqual(
    neverObserved(twice).map(({ syscall, distance }) => [syscall, distance]),
    [["fsync", 1]],
  );
});

/** Whether balanced takes a call that static analysis finds and scripts ask for, or not. */
function taken(syscall: string, inScripts: "named" | "absent", distance = 1): boolean {
  const found = evidence(observation("ran", "openat"), observation("code", syscall, { distance, inScripts }));
  return names(acceptedBy(found, "balanced")).includes(syscall);
}

test("what scripts ask for by name is a relative, what none asks for is not, risk and distance apart", () => {
  assert.deepEqual(added("openat", "fsync mknodat"), ["fsync"]);
  assert.ok(!taken("fsync", "absent"));
  assert.ok(taken("mknodat", "named"));
  assert.ok(!taken("mknodat", "named", 3));
  assert.ok(!taken("mount", "named"));
});
