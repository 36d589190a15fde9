import { TargetError } from "../errors.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence, Phase } from "../evidence/model.ts";
import type { Recording } from "../record/recorder.ts";
import { givable, missingCapabilities, withCapabilities, withSuggestion } from "./capabilities.ts";
import { isContainer, launchOf } from "./containers.ts";
import { type CraftOptions, followedBy, report } from "./options.ts";
import { runSession, type Session, type SessionHooks, targetOf, withSessionGaps } from "./session.ts";
const CHECKPOINT_MS = 1000;

type Recorded =
  | { readonly evidence: Evidence; readonly session: Session }
  | { readonly evidence: Evidence; readonly failure: TargetError };

/**
 * One recorded run; in a container that fails for want of a capability that Docker gives everybody, once more with it,
 * until it works.
 * @throws TargetError with what else it may need
 */
export async function recordWithNeeded(
  options: CraftOptions,
  before: Evidence,
): Promise<{ evidence: Evidence; session: Session; needed: readonly string[] }> {
  const needed: string[] = [];
  let known = before;
  for (;;) {
    const engine = needed.length === 0 ? options.engine : withCapabilities(options.engine, needed);
    const recorded = await record({ ...options, engine }, known);
    if ("session" in recorded)
      return {
        session: recorded.session,
        evidence: joinEvidence(known, recorded.evidence),
        needed,
      };
    const missing = missingCapabilities(recorded.evidence).filter(name => !needed.includes(name));
    const usual = givable(options.engine, missing).filter(name => !needed.includes(name));
    options.onCheckpoint?.(joinEvidence(known, recorded.evidence));
    if (usual.length === 0) throw withSuggestion(recorded.failure, missing, recorded.evidence, engine);
    needed.push(...usual);
    const [run] = recorded.evidence.runs;
    report(options, `it cannot do without ${usual.join(", ")}: once more`, run?.seconds ?? 0);
    options.onEvent?.({ kind: "step", step: "record", round: 1, of: options.runs });
    // How it failed is not what it does when it works.
    known = joinEvidence(known, { ...recorded.evidence, observations: [] });
  }
}

/** A run that ends early when it lacks capabilities and does not become ready: it may wait for ever. */
async function sessionOrFailure(
  options: CraftOptions,
  recording: Recording,
  hooks: SessionHooks,
): Promise<Session | TargetError> {
  const giveUp = new AbortController();
  let impatience: NodeJS.Timeout | undefined;
  const look = (): void => {
    if (givable(options.engine, missingCapabilities(recording.snapshot())).length > 0)
      impatience ??= setTimeout(() => giveUp.abort(), options.workload.timeoutMs / 3);
  };
  const timer = isContainer(options.engine) ? setInterval(look, CHECKPOINT_MS) : undefined;
  const onPhase = (phase: Phase): void => {
    // It gets on.
    if (phase === "shutdown") clearTimeout(impatience);
    hooks.onPhase?.(phase);
  };
  try {
    const given = { ...hooks, onPhase, giveUp: giveUp.signal };
    return await runSession(options.engine, options.workload, recording.needs, given);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    if (error instanceof TargetError) return error;
    if (giveUp.signal.aborted) return new TargetError("it does not get on");
    throw error;
  } finally {
    clearInterval(timer);
    clearTimeout(impatience);
  }
}

async function record(options: CraftOptions, before: Evidence): Promise<Recorded> {
  const recording = await options.recorder.open({
    scope: launchOf(options.engine),
    target: targetOf(options.workload),
    purpose: "observe",
    phase: "startup",
    folder: options.folder,
    onNew: call => options.onEvent?.({ kind: "new", call }),
    onCalls: calls => options.onEvent?.({ kind: "calls", calls }),
  });
  return await whileCheckpointing(recording, before, options.onCheckpoint, async () => {
    const outcome = await sessionOrFailure(options, recording, followedBy(options, recording));
    if (outcome instanceof TargetError) return { failure: outcome, evidence: recording.snapshot() };
    return { session: outcome, evidence: withSessionGaps(await recording.finish(), outcome) };
  });
}

async function whileCheckpointing<T>(
  recording: Recording,
  before: Evidence,
  onCheckpoint: CraftOptions["onCheckpoint"],
  body: () => Promise<T>,
): Promise<T> {
  const timer = setInterval(() => onCheckpoint?.(joinEvidence(before, recording.snapshot())), CHECKPOINT_MS);
  try {
    return await body();
  } catch (error) {
    clearInterval(timer);
    // What was seen stays true although the run failed.
    onCheckpoint?.(joinEvidence(before, recording.snapshot()));
    throw error;
  } finally {
    clearInterval(timer);
    await recording.abandon();
  }
}

export function countSyscalls(evidence: Evidence): number {
  return new Set(evidence.observations.map(observation => `${observation.abi} ${observation.syscall}`)).size;
}
