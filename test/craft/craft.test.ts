import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { craft } from "../../src/craft/craft.ts";
import type { CraftOptions } from "../../src/craft/options.ts";
import { nativeEngine } from "../../src/engine/native/native.ts";
import { TargetError } from "../../src/errors.ts";
import type { Evidence } from "../../src/evidence/model.ts";
import { openRunFolder } from "../../src/linux/runfolder.ts";
import { DEFAULT_POLICY } from "../../src/profile/derive.ts";
import { ebpfRecorder } from "../../src/record/ebpf/recorder.ts";
import { notifyRecorder } from "../../src/record/notify/recorder.ts";
import { testWith } from "../support/needs.ts";
import { temporaryFolder } from "../support/programs.ts";

async function craftCommand(
  argv: readonly string[],
  more: Partial<CraftOptions> = {},
): Promise<Awaited<ReturnType<typeof craft>>> {
  const { folder } = await openRunFolder();
  try {
    return await craft({
      workload: { argv, ready: { kind: "exit" }, exercises: [], timeoutMs: 20_000, expectedExit: 0 },
      runs: 1,
      engine: nativeEngine(),
      recorder: notifyRecorder,
      policy: DEFAULT_POLICY,
      accept: "observed",
      analyze: false,
      folder,
      ...more,
    });
  } finally {
    await folder.close();
  }
}

/** A script that does something else each time it runs, up to the third. */
function changingScript(folder: string): string {
  const script = path.join(folder, "changing.sh");
  writeFileSync(
    script,
    `runs=$(cat ${folder}/runs 2>/dev/null || echo 0)
echo $((runs + 1)) > ${folder}/runs
if [ "$runs" -ge 1 ]; then ln -s target ${folder}/link$runs || exit 3; fi
if [ "$runs" -ge 2 ]; then mkdir ${folder}/folder$runs || exit 4; fi
exit 0
`,
  );
  return script;
}

for (const recorder of [ebpfRecorder, notifyRecorder]) {
  testWith(
    ["linux", ...(recorder.name === "ebpf" ? ["root" as const] : [])],
    `verification adds what only later runs do, with the reason (${recorder.name})`,
    async context => {
      const folder = temporaryFolder(context);
      const result = await craftCommand(["sh", changingScript(folder)], { recorder });
      const enforced = result.evidence.runs.filter(run => run.purpose === "enforce");
      assert.equal(enforced.length, 1);
      const [last] = enforced;
      assert.equal(last?.source, "filter");
      assert.equal(last.finished, true);
      assert.ok((last.seconds ?? 0) > 0);
      assert.ok(!result.evidence.observations.some(seen => seen.run === last.id));
      const reasons = (name: string): (string | undefined)[] =>
        result.evidence.observations.filter(seen => seen.syscall === name).map(seen => seen.reason);
      assert.ok(result.rounds.length >= 3, `${result.rounds.length} rounds`);
      assert.equal(result.rounds.at(-1)?.denials.length, 0);
      // ln and mkdir are programs of their own, whose calls only verification met.
      assert.ok(
        reasons("symlinkat").includes("denied-in-verification") ||
          reasons("symlink").includes("denied-in-verification"),
      );
      assert.ok(reasons("mkdir").includes("denied-in-verification"));
      const denial = result.rounds.flatMap(round => round.denials).find(({ syscall }) => syscall === "mkdir");
      assert.match(denial?.executable ?? "", /mkdir$/);
      assert.equal(denial?.action, "EPERM");
      const allowed =
        result.derivation.document.syscalls?.find(rule => rule.action === "SCMP_ACT_ALLOW")?.names ?? [];
      assert.ok(allowed.includes("mkdir"));
      assert.deepEqual(allowed, [...new Set(allowed)].sort());
    },
  );
}

testWith(["linux"], "a command that fails by itself gives no profile but its output", async () => {
  await assert.rejects(craftCommand(["sh", "-c", "echo no such thing >&2; exit 7"]), (error: unknown) => {
    assert.ok(error instanceof TargetError);
    assert.match(error.message, /exit code 7.*--expect-exit 7/);
    assert.match(error.output, /no such thing/);
    return true;
  });
});

testWith(["linux"], "evidence is checkpointed while the target runs, and kept when it fails", async () => {
  const checkpoints: Evidence[] = [];
  await assert.rejects(
    craftCommand(["sh", "-c", "sleep 1.3; exit 9"], { onCheckpoint: evidence => checkpoints.push(evidence) }),
  );
  assert.ok(checkpoints.length >= 2);
  assert.equal(checkpoints[0]?.runs[0]?.finished, false);
  assert.ok(checkpoints.at(-1)?.observations.some(seen => seen.syscall === "exit_group"));
});

testWith(["linux"], "phases part startup, serving and shutdown", async context => {
  const folder = temporaryFolder(context);
  const file = `${folder}/ready`;
  const script = `trap 'mkdir ${folder}/stopping; exit 0' TERM; touch ${file}; while :; do sleep 0.05; done`;
  const { folder: run } = await openRunFolder();
  context.after(() => run.close());
  const result = await craft({
    workload: {
      argv: ["bash", "-c", script],
      ready: { kind: "file", path: file },
      exercises: ["sleep 0.3"],
      timeoutMs: 20_000,
      expectedExit: 0,
    },
    runs: 1,
    engine: nativeEngine(),
    recorder: notifyRecorder,
    policy: DEFAULT_POLICY,
    accept: "observed",
    analyze: false,
    folder: run,
    onCheckpoint: () => undefined,
  });
  const phases = (name: string): string[] => [
    ...new Set(
      result.evidence.observations.filter(seen => seen.syscall === name).map(seen => seen.phase ?? ""),
    ),
  ];
  assert.deepEqual(phases("mkdir"), ["shutdown"]);
  assert.ok(phases("clock_nanosleep").includes("serving"));
});
