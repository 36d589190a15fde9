import { mkdirSync } from "node:fs";
import path from "node:path";
import { runSession } from "../../src/craft/session.ts";
import { CONTAINER_DEFAULTS } from "../../src/engine/container.ts";
import { runcEngine } from "../../src/engine/runc/runc.ts";
import { openRunFolder } from "../../src/linux/runfolder.ts";
import { ebpfRecorder } from "../../src/record/ebpf/recorder.ts";
import { compileProgram } from "./programs.ts";

/** What a container of one program that lives 5 ms was seen to call, as `name count`, sorted. */
export type Seen = readonly string[];

/** Starts such a container again and again, each with a recording of its own. */
export async function recordShortLived(
  folder: string,
  times: number,
): Promise<{ recorded: readonly Seen[]; program: string; argv: readonly string[] }> {
  const root = path.join(folder, "root");
  mkdirSync(root);
  const program = compileProgram(root, "distinct", ["-static"]);
  const argv = ["/distinct", "100", "1"];
  const workload = {
    argv,
    ready: { kind: "exit" as const },
    exercises: [],
    timeoutMs: 20_000,
    expectedExit: 0,
  };
  const { folder: runFolder } = await openRunFolder();
  const recorded: Seen[] = [];
  try {
    const options = { ...CONTAINER_DEFAULTS, image: root, network: "none" };
    const { engine } = await runcEngine(options, runFolder);
    for (let i = 0; i < times; i++) {
      const recording = await ebpfRecorder.open({
        scope: { kind: "launch", container: true },
        target: { kind: "image", name: root },
        purpose: "observe",
        phase: "startup",
        folder: runFolder,
      });
      try {
        await runSession(engine, workload, recording.needs, {
          onStart: running => recording.attach(running),
          onPhase: phase => recording.setPhase(phase),
        });
        const { observations } = await recording.finish();
        const own = observations.filter(seen => seen.label !== "container-runtime");
        const counts = new Map<string, number>();
        for (const { syscall, count } of own) counts.set(syscall, (counts.get(syscall) ?? 0) + (count ?? 0));
        recorded.push([...counts].map(([name, count]) => `${name} ${count}`).sort());
      } finally {
        await recording.abandon();
      }
    }
  } finally {
    await runFolder.close();
  }
  return { recorded, program, argv: [program, ...argv.slice(1)] };
}
