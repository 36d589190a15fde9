import { mkdirSync } from "node:fs";
import process from "node:process";
import { runSession } from "../../src/craft/session.ts";
import { nativeEngine } from "../../src/engine/native/native.ts";
import { openRunFolder } from "../../src/linux/runfolder.ts";
import { ebpfRecorder } from "../../src/record/ebpf/recorder.ts";
import { freePort } from "../support/cli.ts";
import { names } from "../support/recording.ts";
import type { Proof } from "./workloads.ts";

/** The calls of one run of a program at its work, sorted. */
export async function measure(proof: Proof, folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const workload = proof.prepare(folder, await freePort());
  const { folder: run } = await openRunFolder();
  const recording = await ebpfRecorder.open({
    scope: { kind: "launch" },
    target: { kind: "command", argv: workload.argv },
    purpose: "observe",
    phase: "startup",
    folder: run,
  });
  try {
    await runSession(
      nativeEngine(),
      { timeoutMs: 30_000, expectedExit: 0, ...workload },
      { ...recording.needs, env: process.env },
      { onStart: running => recording.attach(running), onPhase: phase => recording.setPhase(phase) },
    );
    return [...names(await recording.finish())].sort();
  } finally {
    await recording.abandon();
    await run.close();
  }
}
