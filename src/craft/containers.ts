import { setTimeout as sleep } from "node:timers/promises";
import type { Engine, Running } from "../engine/engine.ts";
import { TargetError } from "../errors.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence, Observation } from "../evidence/model.ts";
import { letsThrough } from "../profile/action.ts";
import type { ProfileDocument } from "../profile/document.ts";
import { resolveProfile } from "../profile/resolve.ts";
import { verdict } from "../profile/verdict.ts";
import { thisHost } from "../record/host.ts";
import type { Recording, Scope } from "../record/recorder.ts";
import { runSession, stopping, targetOf } from "./session.ts";
import {
  PATIENCE_AFTER_DENIAL_MS,
  unexplained,
  type DeniedCall,
  type Verified,
  type VerifyOptions,
} from "./verify.ts";

/** Targets of other engines are started by a container runtime, which loads the profile. */
export function isContainer(engine: Engine): boolean {
  return engine.name !== "native";
}

/** What a recording of something that an engine is going to start is about. */
export function launchOf({ name }: Engine): Extract<Scope, { kind: "launch" }> {
  if (name === "native") return { kind: "launch" };
  return { kind: "launch", container: true, ...(name === "docker" ? { byDaemon: true } : {}) };
}

const LOOK_MS = 20;
/** How long a started runtime may take until it executes the program. */
const EXEC_MS = 5000;

/**
 * What the container runtime calls between loading the filter and executing the program when nothing is hardened: it
 * then loads the filter earlier than with no_new_privs, and needs more.
 */
export async function measureRuntime(
  options: VerifyOptions,
): Promise<{ evidence: Evidence; seconds: number }> {
  const started = performance.now();
  const recording = await openRecording(options, "analyze", undefined);
  try {
    const running = await options.engine.start({
      argv: options.workload.argv,
      stdin: "null",
      output: "capture",
      ownSession: true,
      plain: true,
      ...recording.needs,
    });
    try {
      await recording.attach(running);
      await programExecuted(recording, running);
    } finally {
      await running.killAll();
    }
    const all = await recording.finish();
    const observations = all.observations.filter(seen => seen.label === "container-runtime");
    if (!observations.some(isProgramStart))
      throw new TargetError("the container runtime did not execute the program under a filter");
    return { evidence: { ...all, observations }, seconds: (performance.now() - started) / 1000 };
  } finally {
    await recording.abandon();
  }
}

function isProgramStart(seen: Observation): boolean {
  return seen.label === "container-runtime" && seen.syscall.startsWith("execve");
}

/** Waits until it is seen, or can only be found at the end of the recording. */
async function programExecuted(recording: Recording, running: Running): Promise<void> {
  const deadline = performance.now() + EXEC_MS;
  const ended = running.gone.then(
    () => true,
    () => true,
  );
  while (performance.now() < deadline) {
    if (recording.snapshot().observations.some(isProgramStart)) return;
    if (await Promise.race([ended, sleep(LOOK_MS, false)])) return;
  }
}

async function openRecording(
  options: VerifyOptions,
  purpose: "analyze" | "verify",
  onNew: (() => void) | undefined,
): Promise<Recording> {
  return await options.recorder.open({
    scope: launchOf(options.engine),
    target: targetOf(options.workload),
    purpose,
    phase: "startup",
    folder: options.folder,
    allResults: true,
    onCalls: calls => options.onEvent?.({ kind: "calls", calls }),
    ...(onNew === undefined ? {} : { onNew }),
  });
}

/**
 * One run of a container under a profile. Calls that the filter answers never start, but end, with the profile's errno:
 * there the recorder sees them.
 * @param usualSeconds what a run without a filter takes
 * @throws TargetError when the target fails although nothing was denied
 */
export async function verifyContainer(
  options: VerifyOptions,
  document: ProfileDocument,
  usualSeconds: number,
): Promise<Verified> {
  const profile = resolveProfile(document, thisHost());
  const denied = (seen: Observation): boolean =>
    !letsThrough(verdict(profile, seen.abi, seen.number, [0n, 0n, 0n, 0n, 0n, 0n]));
  const giveUp = new AbortController();
  const started = performance.now();
  const told = new Set<string>();
  let impatience: NodeJS.Timeout | undefined;
  let recording: Recording | undefined;
  const look = (): void => {
    const denials = (recording?.snapshot().observations ?? []).filter(denied).map(asDenial);
    for (const denial of denials) {
      if (told.has(denial.syscall)) continue;
      told.add(denial.syscall);
      options.onEvent?.({ kind: "denial", denial });
      // It may wait for ever for what it cannot do now.
      impatience ??= setTimeout(() => giveUp.abort(), usualSeconds * 1000 + PATIENCE_AFTER_DENIAL_MS);
    }
  };
  let failure: TargetError | undefined;
  recording = await openRecording(options, "verify", look);
  try {
    failure = await attempt(options, document, recording, giveUp.signal);
    clearTimeout(impatience);
    look();
    const all = await recording.finish();
    const observations = all.observations
      .filter(denied)
      .map(seen => ({ ...seen, reason: "denied-in-verification" as const }));
    if (failure !== undefined && observations.length === 0) throw unexplained(failure);
    return {
      denials: observations.map(asDenial),
      evidence: joinEvidence({ ...all, observations }),
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    clearTimeout(impatience);
    await recording.abandon();
  }
}

/** Runs it; returns why it failed, if it did. */
async function attempt(
  options: VerifyOptions,
  profile: ProfileDocument,
  recording: Recording,
  giveUp: AbortSignal,
): Promise<TargetError | undefined> {
  try {
    await runSession(
      options.engine,
      options.workload,
      { ...recording.needs, profile },
      {
        onStart: running => recording.attach(running),
        onPhase: phase => {
          recording.setPhase(phase);
          options.onEvent?.({ kind: "phase", phase });
        },
        onExercise: (command, index) => options.onEvent?.({ kind: "exercise", index, command }),
        giveUp,
        ...stopping(options),
      },
    );
    return undefined;
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    if (error instanceof TargetError) return error;
    if (giveUp.aborted) return new TargetError("it did not get on");
    throw error;
  }
}

/** What a run in which it was not let through tells of a call. */
export function asDenial(seen: Observation): DeniedCall {
  return {
    abi: seen.abi,
    number: seen.number,
    syscall: seen.syscall,
    executable: seen.executable ?? (seen.label === "container-runtime" ? "the container runtime" : undefined),
    phase: seen.phase ?? "startup",
    at: seen.firstSeen ?? 0,
    action: Object.keys(seen.errnos ?? {}).join(" "),
  };
}
