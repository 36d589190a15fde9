import { isContainer, launchOf, measureRuntime } from "../craft/containers.ts";
import type { Evidence } from "../evidence/model.ts";
import { runtimeCalls } from "../profile/runtime-base.ts";
import type { Behaviour } from "./behaviour.ts";
import type { MinimizeOptions } from "./options.ts";
import { observe, type TrialLimits } from "./trial.ts";
import type { Unit } from "./units.ts";

/** Where the journal keeps what the container runtime calls. */
const RUNTIME = "runtime-calls";

/** An untouched run that is watched. */
export async function recordRun(
  options: MinimizeOptions,
  limits: TrialLimits,
  directory: string | undefined,
): Promise<{ evidence: Evidence; behaviour: Behaviour }> {
  const { recorder, folder, target, signal, setting } = options;
  const recording = await recorder.open({
    scope: launchOf(setting.engine),
    target,
    purpose: "minimize",
    phase: "startup",
    folder,
  });
  try {
    const behaviour = await observe(setting, limits, directory, recording.needs, {
      onStart: running => recording.attach(running),
      onPhase: phase => recording.setPhase(phase),
      ...(signal === undefined ? {} : { signal }),
    });
    return { behaviour, evidence: await recording.finish() };
  } finally {
    await recording.abandon();
  }
}

/**
 * What the container runtime itself calls under the filter: what is known of it, and what it was seen to call in one
 * start, which is only done once in a search.
 */
export async function runtimeUnits(options: MinimizeOptions, onStart: () => void): Promise<readonly Unit[]> {
  const { journal, recorder, folder, runtime, setting, signal } = options;
  if (runtime === "none") return [];
  const known = runtimeCalls(runtime);
  if (!isContainer(setting.engine)) return known;
  const before = journal.read(RUNTIME);
  if (before !== undefined) return before.split("\n");
  onStart();
  const { workload, engine } = setting;
  const aborting = signal === undefined ? {} : { signal };
  const { evidence } = await measureRuntime({ workload, engine, recorder, folder, ...aborting });
  const names = [...new Set([...known, ...evidence.observations.map(({ syscall }) => syscall)])].sort();
  journal.write(RUNTIME, names.join("\n"));
  return names;
}
