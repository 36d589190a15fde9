import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Evidence, Observation } from "../../src/evidence/model.ts";
import { openRunFolder } from "../../src/linux/runfolder.ts";
import { cgroupOfProcess, createCgroup, removeCgroup } from "../../src/linux/cgroup.ts";
import { ebpfRecorder } from "../../src/record/ebpf/recorder.ts";
import { notifyRecorder } from "../../src/record/notify/recorder.ts";
import type { Scope } from "../../src/record/recorder.ts";
import { testWith } from "../support/needs.ts";
import { compileProgram, temporaryFolder } from "../support/programs.ts";
import { record } from "../support/recording.ts";

function find(evidence: Evidence, syscall: string, executable?: RegExp): Observation | undefined {
  return evidence.observations.find(
    seen => seen.syscall === syscall && (executable === undefined || executable.test(seen.executable ?? "")),
  );
}

async function watchWhile(scope: Scope, body: () => Promise<void>): Promise<Evidence> {
  const { folder } = await openRunFolder();
  const target =
    scope.kind === "process"
      ? { kind: "process" as const, pid: scope.pid }
      : { kind: "cgroup" as const, path: "" };
  const recording = await ebpfRecorder.open({ scope, target, purpose: "observe", phase: "serving", folder });
  try {
    await body();
    return await recording.finish();
  } finally {
    await recording.abandon();
    await folder.close();
  }
}

testWith(
  ["root", "file:/usr/bin/python3"],
  "a call that waits across a phase and fails is no denial",
  async () => {
    const script =
      "import signal, time; input(); signal.sigtimedwait([signal.SIGUSR2], 0.6); print('over', flush=True); input()";
    const waiter = spawn("/usr/bin/python3", ["-c", script], { stdio: ["pipe", "pipe", "ignore"] });
    const pid = waiter.pid ?? 0;
    const { folder } = await openRunFolder();
    const target = { kind: "process" as const, pid };
    const recording = await ebpfRecorder.open({
      scope: target,
      target,
      purpose: "observe",
      phase: "startup",
      folder,
    });
    try {
      waiter.stdin.write("\n");
      await sleep(300);
      recording.setPhase("serving");
      await once(waiter.stdout, "data");
      const { observations } = await recording.finish();
      const waits = observations.filter(seen => seen.syscall === "rt_sigtimedwait");
      assert.deepEqual(
        waits.map(({ phase, count, errnos, reason }) => ({ phase, count, errnos, reason })),
        [{ phase: "startup", count: 1, errnos: { EAGAIN: 1 }, reason: undefined }],
      );
    } finally {
      await recording.abandon();
      await folder.close();
      waiter.kill("SIGKILL");
    }
  },
);

testWith(["root"], "counts, results, arguments and executables are those of the program", async context => {
  const { evidence } = await record(ebpfRecorder, [
    "bash",
    "-c",
    "dd if=/dev/zero of=/dev/null bs=1 count=1234 2>/dev/null; cat /nonexistent 2>/dev/null; true",
  ]);
  assert.ok((find(evidence, "read", /dd$/)?.count ?? 0) >= 1234);
  assert.ok((find(evidence, "write", /dd$/)?.count ?? 0) >= 1234);
  assert.equal(find(evidence, "openat", /cat$/)?.errnos?.["ENOENT"] !== undefined, true);
  const protections = find(evidence, "mmap", /cat$/)?.arguments?.find(({ index }) => index === 2);
  assert.ok(protections?.values.includes("0x5"), "PROT_READ|PROT_EXEC");
  assert.equal(protections?.complete, true);
  const runtime = evidence.observations.filter(seen => seen.phase === "runtime");
  assert.deepEqual(
    runtime.map(seen => seen.syscall),
    ["execve"],
  );
  context.diagnostic(`${evidence.observations.length} observations`);
});

testWith(["root", "program:gcc"], "a call through the 32-bit gate counts for i386", async context => {
  const program = compileProgram(temporaryFolder(context), "int80");
  for (const recorder of [ebpfRecorder, notifyRecorder]) {
    const { evidence } = await record(recorder, [program]);
    const call = find(evidence, "getpid");
    assert.equal(call?.abi, "i386", recorder.name);
    assert.equal(call.number, 20);
  }
});

testWith(["root"], "more values of an argument than are kept are said to be incomplete", async () => {
  const script =
    "import os, fcntl\nfor i in range(200):\n  try: fcntl.ioctl(0, 0x5400 + i)\n  except OSError: pass";
  for (const recorder of [ebpfRecorder, notifyRecorder]) {
    const { evidence } = await record(recorder, ["python3", "-c", script]);
    const requests = find(evidence, "ioctl")?.arguments?.find(({ index }) => index === 1);
    assert.equal(requests?.values.length, 64, recorder.name);
    assert.equal(requests.complete, false);
  }
});

testWith(["root"], "a process that runs already is followed with its children, and nobody else", async () => {
  const work = "head -n 1 >/dev/null; mkdir /proc/x 2>/dev/null; ls / >/dev/null; echo done; sleep 5";
  const target = spawn("bash", ["-c", work], { stdio: ["pipe", "pipe", "ignore"] });
  const stranger = spawn("bash", ["-c", "while :; do uname >/dev/null; done"], { stdio: "ignore" });
  try {
    await sleep(200);
    const evidence = await watchWhile({ kind: "process", pid: target.pid ?? 0 }, async () => {
      target.stdin.end("go on\n");
      await once(target.stdout, "data");
    });
    assert.ok(find(evidence, "mkdir", /mkdir$/));
    assert.ok(find(evidence, "getdents64", /ls$/));
    assert.equal(find(evidence, "uname", /uname$/), undefined);
    assert.ok(find(evidence, "wait4", /bash$/), "the call that it was in when the recording began");
  } finally {
    target.kill("SIGKILL");
    stranger.kill("SIGKILL");
    await Promise.all([once(target, "exit"), once(stranger, "exit")]);
  }
});

testWith(["root"], "everything in a cgroup is seen, also what joins it later", async () => {
  const cgroup = createCgroup(() => undefined);
  try {
    const evidence = await watchWhile({ kind: "cgroup", path: cgroup.path }, async () => {
      const child = spawn(
        "sh",
        ["-c", `echo 0 > ${cgroup.path}/cgroup.procs; mkdir /proc/x 2>/dev/null; true`],
        { stdio: "ignore" },
      );
      await once(child, "exit");
    });
    assert.ok(find(evidence, "mkdir", /mkdir$/));
    assert.notEqual(cgroup.name, cgroupOfProcess("self"));
  } finally {
    await removeCgroup(cgroup.path);
  }
});
