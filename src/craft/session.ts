import process from "node:process";
import { describeExit, type Engine, type Exit, type LaunchSpec, type Running } from "../engine/engine.ts";
import { runExercises } from "../engine/exercise.ts";
import { prepareReady, type ReadySpec } from "../engine/ready.ts";
import { InterruptedError, TargetError } from "../errors.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence, Phase, Target } from "../evidence/model.ts";

/** How a target shows that it works. */
export interface Workload {
  readonly argv: readonly string[];
  readonly directory?: string;
  /** What is profiled, when it is not this command. */
  readonly target?: Target;
  readonly ready: ReadySpec;
  /** Shell commands, run in order once the target is ready. */
  readonly exercises: readonly string[];
  /** For becoming ready, for each exercise, and for a target that is to end by itself. */
  readonly timeoutMs: number;
  /** Exit code that counts as success when the target ends by itself; any when undefined. */
  readonly expectedExit: number | undefined;
}

/** How long a target may take to end after SIGTERM. */
export const GRACE_MS = 10_000;
/** When SIGTERM has ended the main process, its children get this long to follow before they get one too. */
const ORPHANS_MS = 500;

export interface SessionHooks {
  /** The target is there; a listener, if any, waits for its supervisor, and we wait for the hook. */
  readonly onStart?: (running: Running) => Promise<void>;
  readonly onPhase?: (phase: Phase) => void;
  readonly onExercise?: (command: string, index: number) => void;
  /** Aborts waiting for readiness early, for a reason that is known to the caller. */
  readonly giveUp?: AbortSignal;
  readonly signal?: AbortSignal;
  /** How long the target may take to end after SIGTERM, if not GRACE_MS. */
  readonly graceMs?: number;
  /** When aborted, give the target its SIGTERM and its grace period, instead of killing it. */
  readonly politeWhenAborted?: boolean;
  /** A last look at the ready target once its exercises have passed; what it throws fails the run. */
  readonly onServed?: (running: Running) => Promise<void>;
}

/** One run from start to stop. */
export interface Session {
  readonly exit: Exit;
  /** Seconds from start to ready, and in all. */
  readonly readySeconds: number;
  readonly seconds: number;
  /** It had to be killed, because it did not end within the grace period. */
  readonly killed: boolean;
  /** Descendants that were still there after the main process had ended, and were killed. */
  readonly leftBehind: boolean;
}

/**
 * Runs a target once: start, ready, exercises, stop.
 * Whatever happens, nothing of it is left when this returns or throws.
 * @throws TargetError when it does not start, become ready, pass its exercises or end as expected.
 */
export async function runSession(
  engine: Engine,
  workload: Workload,
  launch: Pick<LaunchSpec, "filter" | "profile" | "noNewPrivileges" | "cgroup"> & Partial<LaunchSpec>,
  hooks: SessionHooks,
): Promise<Session> {
  throwIfAborted(hooks.signal);
  const ready = await prepareReady(workload.ready, engine.ownAddress === true);
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const running = await engine.start({
    stdin: "null",
    output: "capture",
    ownSession: true,
    ...launch,
    argv: workload.argv,
    ...(workload.directory === undefined ? {} : { directory: workload.directory }),
  });
  try {
    await hooks.onStart?.(running);
    throwIfAborted(hooks.signal);
    hooks.onPhase?.("startup");
    if (workload.ready.kind === "exit") return await awaitEnd(running, workload, hooks, seconds);
    await ready.wait(running, {
      timeoutMs: workload.timeoutMs,
      signal: anySignal(hooks.signal, hooks.giveUp),
    });
    const readySeconds = seconds();
    hooks.onPhase?.("serving");
    await exercise(running, workload, hooks);
    await running.healthy?.({
      timeoutMs: workload.timeoutMs,
      signal: anySignal(hooks.signal, hooks.giveUp),
    });
    await hooks.onServed?.(running);
    hooks.onPhase?.("shutdown");
    const { exit, killed } = await stop(running, hooks.graceMs ?? GRACE_MS, hooks.signal);
    return { exit, readySeconds, seconds: seconds(), killed, leftBehind: false };
  } catch (error) {
    if (hooks.politeWhenAborted === true && hooks.signal?.aborted === true) {
      hooks.onPhase?.("shutdown");
      await stop(running, hooks.graceMs ?? GRACE_MS, undefined);
    }
    throwIfAborted(hooks.signal);
    throw error;
  } finally {
    await running.killAll();
  }
}

/** A target without a ready check does its work and ends; exercises then have nothing to talk to. */
async function awaitEnd(
  running: Running,
  workload: Workload,
  hooks: SessionHooks,
  seconds: () => number,
): Promise<Session> {
  const exit = await within(running.exited, workload.timeoutMs, hooks.signal);
  if (exit === undefined) {
    throw new TargetError(
      `the command did not end within ${workload.timeoutMs / 1000} s; a server needs --ready, a long job a larger --timeout`,
      running.outputTail(),
    );
  }
  requireExit(exit, workload, running);
  hooks.onPhase?.("shutdown");
  // Background children get a moment to end by themselves.
  const leftBehind =
    (await within(
      running.gone.then(() => true),
      500,
      hooks.signal,
    )) === undefined;
  return { exit, readySeconds: seconds(), seconds: seconds(), killed: false, leftBehind };
}

function requireExit(exit: Exit, workload: Workload, running: Running): void {
  if (workload.expectedExit === undefined || (exit.signal === null && exit.code === workload.expectedExit))
    return;
  const how = `ended with ${describeExit(exit)}`;
  const hint = exit.signal === null ? `; if that is how it works, say --expect-exit ${exit.code}` : "";
  throw new TargetError(`the command ${how}${hint}`, running.outputTail());
}

/** Long enough for a target whose end made an exercise fail to be seen to have ended. */
const END_SEEN_MS = 200;

async function exercise(running: Running, workload: Workload, hooks: SessionHooks): Promise<void> {
  const exercised = runExercises(workload.exercises, {
    timeoutMs: workload.timeoutMs,
    env: {
      SECCRAFT_PID: String(running.pid),
      SECCRAFT_ADDRESS: running.address ?? "127.0.0.1",
      ...(running.container === undefined ? {} : { SECCRAFT_CONTAINER: running.container }),
    },
    ...(workload.directory === undefined ? {} : { directory: workload.directory }),
    signal: anySignal(hooks.signal, hooks.giveUp),
    ...(hooks.onExercise === undefined ? {} : { onStart: hooks.onExercise }),
  });
  try {
    await exercised;
  } catch (error) {
    throw error instanceof TargetError ? await withEndOf(running, error, hooks) : error;
  }
  const ended = await within(
    running.gone.then(() => true),
    0,
    hooks.signal,
  );
  if (ended === true && workload.exercises.length > 0) {
    throw new TargetError("the target ended while it was exercised", running.outputTail());
  }
}

/** The failure of an exercise, which is no wonder when the target has ended: then what that printed says why. */
async function withEndOf(running: Running, error: TargetError, hooks: SessionHooks): Promise<TargetError> {
  const gone = running.gone.then(async () => await running.exited);
  const exit = await within(gone, END_SEEN_MS, hooks.signal);
  if (exit === undefined) return error;
  const reason = `the target ended with ${describeExit(exit)} while it was exercised: ${error.message}`;
  return new TargetError(reason, running.outputTail(), { cause: error });
}

/** SIGTERM, a grace period, SIGKILL. */
async function stop(
  running: Running,
  graceMs: number,
  signal: AbortSignal | undefined,
): Promise<{ exit: Exit; killed: boolean }> {
  const gone = running.gone.then(() => true);
  const isDaemon = (await within(running.exited, 0, signal)) !== undefined;
  running.signal("SIGTERM", isDaemon ? "all" : "main");
  const orphaned = running.exited.then(async exit => {
    if (!isDaemon && (await within(gone, ORPHANS_MS, signal)) === undefined) running.signal("SIGTERM", "all");
    return exit;
  });
  // Whoever waits for it below hears of its failure.
  orphaned.catch(() => undefined);
  const ended = await within(gone, graceMs, signal);
  if (ended === undefined) await running.killAll();
  return { exit: await orphaned, killed: ended === undefined };
}

/** The value, or undefined when it takes longer. */
async function within<T>(
  promise: Promise<T>,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<undefined>((resolve, reject) => {
        timer = setTimeout(() => resolve(undefined), milliseconds);
        abort = () => reject(new InterruptedError(String(signal?.reason ?? "signal")));
        signal?.addEventListener("abort", abort, { once: true });
        if (signal?.aborted === true) abort();
      }),
    ]);
  } finally {
    clearTimeout(timer);
    if (abort !== undefined) signal?.removeEventListener("abort", abort);
  }
}

function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter(signal => signal !== undefined));
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new InterruptedError(String(signal.reason));
}

/** What of the options concerns the end of a session. */
export function stopping(options: Pick<SessionHooks, "graceMs" | "signal">): SessionHooks {
  return {
    ...(options.graceMs === undefined ? {} : { graceMs: options.graceMs }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}

/** What is profiled: the command itself, when nothing else is said. */
export function targetOf(workload: Workload): Target {
  if (workload.target !== undefined) return workload.target;
  return { kind: "command", argv: workload.argv, directory: workload.directory ?? process.cwd() };
}

/** What the way in which a run ended hides. */
export function withSessionGaps(evidence: Evidence, session: Session): Evidence {
  const [run] = evidence.runs;
  if (run === undefined || (!session.killed && !session.leftBehind)) return evidence;
  const reason = session.killed
    ? "the target did not heed SIGTERM and was killed: what it does to shut down is not known"
    : "processes that the command left in the background were killed: what they would have done later is not known";
  return joinEvidence(evidence, {
    seccraft: "evidence/1",
    runs: [],
    observations: [],
    gaps: [{ run: run.id, kind: "killed", reason }],
  });
}
