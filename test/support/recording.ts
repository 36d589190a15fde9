import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { runSession, type Session } from "../../src/craft/session.ts";
import { nativeEngine } from "../../src/engine/native/native.ts";
import type { Evidence } from "../../src/evidence/model.ts";
import { openRunFolder } from "../../src/linux/runfolder.ts";
import type { Recorder } from "../../src/record/recorder.ts";

/** Records one run of a command that ends by itself. */
export async function record(
  recorder: Recorder,
  argv: readonly string[],
): Promise<{ evidence: Evidence; session: Session }> {
  const { folder } = await openRunFolder();
  const recording = await recorder.open({
    scope: { kind: "launch" },
    target: { kind: "command", argv },
    purpose: "observe",
    phase: "startup",
    folder,
  });
  try {
    const session = await runSession(
      nativeEngine(),
      { argv, ready: { kind: "exit" }, exercises: [], timeoutMs: 20_000, expectedExit: undefined },
      recording.needs,
      { onStart: running => recording.attach(running), onPhase: phase => recording.setPhase(phase) },
    );
    return { evidence: await recording.finish(), session };
  } finally {
    await recording.abandon();
    await folder.close();
  }
}

export function names(evidence: Evidence): Set<string> {
  return new Set(evidence.observations.map(seen => seen.syscall));
}

/** The names that `strace -f` shows for a command. */
export function straceNames(folder: string, argv: readonly string[]): Set<string> {
  const log = path.join(folder, "strace.log");
  const result = spawnSync("strace", ["-f", "-qq", "-o", log, ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  if (result.error !== undefined) throw result.error;
  const found = new Set<string>();
  for (const line of readFileSync(log, "utf8").split("\n")) {
    const name = /^\d+ +(?:<\.\.\. )?([a-z_0-9]+)(?:\(| resumed>)/.exec(line)?.[1];
    if (name !== undefined) found.add(name);
  }
  return found;
}
