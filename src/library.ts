import type { CraftResult } from "./craft/craft.ts";
import type { Workload } from "./craft/session.ts";
import { UsageError } from "./errors.ts";
import type { Evidence } from "./evidence/model.ts";
import type * as Machinery from "./machinery.ts";
import type { ReportInput } from "./output/html/facts.ts";
import { DEFAULT_POLICY, type Policy } from "./profile/derive.ts";
import type { PolicyName } from "./profile/policies.ts";
import type { RecorderChoice } from "./record/choose.ts";

/** What to run, and how it shows that it works. */
export interface Target {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly directory?: string;
  /** When it is ready, in the words of `--ready`: `tcp:8080`, `http://…`, `log:REGEX`; without it, it ends by itself. */
  readonly ready?: string;
  /** Shell commands that put the ready target to work, in order. */
  readonly exercises?: readonly string[];
  /** For becoming ready, for each exercise, for a command that ends by itself; 30 000 when absent. */
  readonly timeoutMs?: number;
  /** Exit code that counts as success of a command that ends by itself; 0 when absent. */
  readonly expectedExit?: number;
}

export interface RecordOptions {
  /** `auto` when absent: eBPF for root where the kernel lets it, else notify. */
  readonly recorder?: RecorderChoice;
  /** Ends the target and cleans up when aborted. */
  readonly signal?: AbortSignal;
}

export interface CraftOptions extends RecordOptions {
  /** Recorded runs before the first profile; 1 when absent. */
  readonly runs?: number;
  /** Which evidence becomes the profile; `observed` when absent. */
  readonly accept?: PolicyName;
  /** What is over the defaults of `DEFAULT_POLICY`. */
  readonly policy?: Partial<Policy>;
}

/** What touches the kernel, loaded when it is wanted: work on profiles and binaries goes on where it cannot be. */
async function machinery(): Promise<typeof Machinery> {
  return await import("./machinery.ts");
}

async function workloadOf(target: Target): Promise<Workload> {
  const { parseReady } = await machinery();
  if (target.command.length === 0) throw new UsageError("the command is empty");
  return {
    argv: target.command,
    ...(target.directory === undefined ? {} : { directory: target.directory }),
    ready: target.ready === undefined ? { kind: "exit" } : parseReady(target.ready),
    exercises: target.exercises ?? [],
    timeoutMs: target.timeoutMs ?? 30_000,
    expectedExit: target.expectedExit ?? 0,
  };
}

/**
 * Runs a target once and tells what it called.
 * @throws TargetError when it does not start, become ready, pass its exercises or end as expected; MachineError when
 * the recorder does not work here; InterruptedError when aborted
 */
export async function record(target: Target, options: RecordOptions = {}): Promise<Evidence> {
  const { canTrace, chooseRecorder, nativeEngine, openRunFolder, runSession, targetOf, withSessionGaps } =
    await machinery();
  const workload = await workloadOf(target);
  const { folder } = await openRunFolder();
  try {
    const recording = await chooseRecorder(options.recorder ?? "auto", canTrace).open({
      scope: { kind: "launch" },
      target: targetOf(workload),
      purpose: "observe",
      phase: "startup",
      folder,
    });
    try {
      const session = await runSession(nativeEngine(), workload, recording.needs, {
        onStart: running => recording.attach(running),
        onPhase: phase => recording.setPhase(phase),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
      return withSessionGaps(await recording.finish(), session);
    } finally {
      await recording.abandon();
    }
  } finally {
    await folder.close();
  }
}

/**
 * Records a target, derives its profile, verifies it until nothing is denied, and enforces it once: what
 * `seccraft craft` does. The profile is `result.derivation.document`.
 * @throws as `record`, and TargetError when it fails under the profile
 */
export async function craft(target: Target, options: CraftOptions = {}): Promise<CraftResult> {
  const { canTrace, chooseRecorder, craft: craftLoop, nativeEngine, openRunFolder } = await machinery();
  const workload = await workloadOf(target);
  const { folder } = await openRunFolder();
  try {
    return await craftLoop({
      workload,
      runs: options.runs ?? 1,
      engine: nativeEngine(),
      recorder: chooseRecorder(options.recorder ?? "auto", canTrace),
      policy: { ...DEFAULT_POLICY, ...options.policy },
      accept: options.accept ?? "observed",
      analyze: true,
      folder,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } finally {
    await folder.close();
  }
}

/**
 * The page that `seccraft report` writes: one HTML file that makes no request. Loads the plotting library when called.
 * @throws InputError when the profile is one that a container runtime refuses
 */
export async function renderReport(input: ReportInput): Promise<string> {
  const page = await import("./output/html/page.ts");
  return page.renderReport(input);
}
