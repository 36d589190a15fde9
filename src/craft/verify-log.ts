import { TargetError } from "../errors.ts";
import type { ProfileDocument } from "../profile/document.ts";
import type { Recording } from "../record/recorder.ts";
import { asDenial, launchOf } from "./containers.ts";
import { followedBy } from "./options.ts";
import { runSession, targetOf } from "./session.ts";
import { unexplained, type Verified, type VerifyOptions } from "./verify.ts";

/**
 * One run in complain mode: what a profile would deny passes, and is logged. What is logged comes back as what is still
 * missing.
 * @throws TargetError when the target fails although nothing was logged
 */
export async function verifyByLog(options: VerifyOptions, document: ProfileDocument): Promise<Verified> {
  const started = performance.now();
  const recording = await options.recorder.open({
    scope: launchOf(options.engine),
    target: targetOf(options.workload),
    purpose: "verify",
    phase: "startup",
    folder: options.folder,
    base: document,
  });
  try {
    const failure = await attempt(options, recording);
    const evidence = await recording.finish();
    const denials = evidence.observations.map(asDenial);
    if (failure !== undefined && denials.length === 0) throw unexplained(failure);
    for (const denial of denials) options.onEvent?.({ kind: "denial", denial });
    return { denials, evidence, seconds: (performance.now() - started) / 1000 };
  } finally {
    await recording.abandon();
  }
}

/** Runs it; returns why it failed, if it did: an ABI that the profile does not know is not only logged. */
async function attempt(options: VerifyOptions, recording: Recording): Promise<TargetError | undefined> {
  try {
    await runSession(options.engine, options.workload, recording.needs, followedBy(options, recording));
    return undefined;
  } catch (error) {
    if (options.signal?.aborted !== true && error instanceof TargetError) return error;
    throw error;
  }
}
