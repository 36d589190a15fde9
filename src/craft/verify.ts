import process from "node:process";
import { TargetError } from "../errors.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence, Observation } from "../evidence/model.ts";
import type { ProfileDocument } from "../profile/document.ts";
import type { Denial } from "../record/notify/protocol.ts";
import { watchDenials, type DenialWatch } from "../record/notify/recorder.ts";
import { newRun } from "../record/run.ts";
import { isContainer } from "./containers.ts";
import type { CraftOptions } from "./options.ts";
import { filtersOf } from "./filters.ts";
import { runSession, type Session, stopping, targetOf } from "./session.ts";

/** After a first denial a target gets this much more than the slowest run without a filter took. */
export const PATIENCE_AFTER_DENIAL_MS = 2000;

/** A call that the profile denied. */
export type DeniedCall = Pick<
  Denial,
  "abi" | "number" | "syscall" | "executable" | "phase" | "at" | "action"
>;

export interface Verified {
  readonly denials: readonly DeniedCall[];
  readonly evidence: Evidence;
  readonly seconds: number;
}

export type VerifyOptions = Pick<
  CraftOptions,
  "workload" | "engine" | "recorder" | "folder" | "onEvent" | "signal" | "graceMs"
>;

/**
 * One run under a profile in which every denial is answered by us, with the profile's own errno. What was denied comes
 * back as evidence; the target may fail because of it.
 * @param usualSeconds what a run without a filter takes
 * @throws TargetError when the target fails although nothing was denied
 */
export async function verify(
  options: VerifyOptions,
  document: ProfileDocument,
  usualSeconds: number,
): Promise<Verified> {
  const filters = filtersOf(document);
  const run = newRun("notify", "verify", targetOf(options.workload));
  const giveUp = new AbortController();
  const started = performance.now();
  let watch: DenialWatch | undefined;
  let impatience: NodeJS.Timeout | undefined;
  let failure: TargetError | undefined;
  try {
    await runSession(
      options.engine,
      options.workload,
      { filter: filters.reported, noNewPrivileges: needsNoNewPrivileges() },
      {
        onStart: running => {
          watch = watchDenials(running, {
            program: filters.enforced.program,
            learn: false,
            phase: "startup",
            onDenial: denial => {
              options.onEvent?.({ kind: "denial", denial });
              // It may wait for ever for what it cannot do now.
              impatience ??= setTimeout(() => giveUp.abort(), usualSeconds * 1000 + PATIENCE_AFTER_DENIAL_MS);
            },
          });
          return watch.ready;
        },
        onPhase: phase => {
          watch?.setPhase(phase);
          options.onEvent?.({ kind: "phase", phase });
        },
        onExercise: (command, index) => options.onEvent?.({ kind: "exercise", index, command }),
        giveUp: giveUp.signal,
        ...stopping(options),
      },
    );
  } catch (error) {
    if (!(error instanceof TargetError) && !giveUp.signal.aborted) throw error;
    if (options.signal?.aborted === true) throw error;
    failure = error instanceof TargetError ? error : new TargetError("it did not get on");
  } finally {
    clearTimeout(impatience);
    await watch?.stop();
  }
  const denials = watch?.denials ?? [];
  if (failure !== undefined && denials.length === 0) throw unexplained(failure);
  const seconds = (performance.now() - started) / 1000;
  return { denials, seconds, evidence: asEvidence(run, denials, seconds) };
}

/** Why a run failed in which nothing was denied. */
export function unexplained(failure: TargetError): TargetError {
  return new TargetError(
    `the target works without a filter but not under one that denies nothing it asks for: ${failure.message}. It may depend on timing, or on no_new_privs being off`,
    failure.output,
  );
}

/** One run under the real filter, alone; the evidence says that it took place and worked. */
export async function enforce(
  options: VerifyOptions,
  document: ProfileDocument,
): Promise<{ readonly session: Session; readonly evidence: Evidence }> {
  const run = newRun("filter", "enforce", targetOf(options.workload));
  const confinement = isContainer(options.engine)
    ? { profile: document }
    : { filter: filtersOf(document).enforced };
  try {
    const session = await runSession(
      options.engine,
      options.workload,
      { ...confinement, noNewPrivileges: needsNoNewPrivileges() },
      {
        onPhase: phase => options.onEvent?.({ kind: "phase", phase }),
        onExercise: (command, index) => options.onEvent?.({ kind: "exercise", index, command }),
        ...stopping(options),
      },
    );
    return { session, evidence: asEvidence(run, [], session.seconds) };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw new TargetError(`verified, but it fails under the real filter: ${error.message}`, error.output, {
      cause: error,
    });
  }
}

/** Without CAP_SYS_ADMIN the kernel loads a filter only with no_new_privs. */
export function needsNoNewPrivileges(): boolean {
  return process.getuid?.() !== 0;
}

function asEvidence(run: ReturnType<typeof newRun>, denials: readonly Denial[], seconds: number): Evidence {
  const observations = new Map<string, Observation>();
  for (const denial of denials) {
    const key = `${denial.abi} ${denial.number} ${denial.phase} ${denial.executable ?? ""}`;
    const known = observations.get(key);
    observations.set(key, {
      run: run.id,
      abi: denial.abi,
      number: denial.number,
      syscall: denial.syscall,
      phase: denial.phase,
      ...(denial.executable === undefined ? {} : { executable: denial.executable }),
      reason: "denied-in-verification",
      count: (known?.count ?? 0) + 1,
      firstSeen: known?.firstSeen ?? denial.at,
    });
  }
  return joinEvidence({
    seccraft: "evidence/1",
    runs: [{ ...run, finished: true, seconds: Math.round(seconds * 1000) / 1000 }],
    observations: [...observations.values()],
    gaps: [],
  });
}
