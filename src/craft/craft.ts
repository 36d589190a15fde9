import process from "node:process";
import type { Engine, Files } from "../engine/engine.ts";
import { InputError, TargetError } from "../errors.ts";
import { estimateCompleteness, type Completeness } from "../evidence/completeness.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence, Phase, Target } from "../evidence/model.ts";
import { deriveProfile, type Derivation, type Policy } from "../profile/derive.ts";
import type { RunFolder } from "../linux/runfolder.ts";
import type { Recorder, Recording } from "../record/recorder.ts";
import {
  acceptedBy,
  analysedRuns,
  neverObserved,
  POLICY_NAMES,
  type PolicyName,
} from "../profile/policies.ts";
import type { CraftEvent } from "./events.ts";
import { plural } from "../plural.ts";
import { analyzeReachable, executablesOf, notAnalyzed } from "./reachable.ts";
import { isContainer, launchOf, measureRuntime, verifyContainer } from "./containers.ts";
import { TargetRoot } from "../static/load/root.ts";
import { readScripts, withScripts } from "../static/scripts/scripts.ts";
import {
  givable,
  missingCapabilities,
  withCapabilities,
  withFittingRemedies,
  withSuggestion,
} from "./capabilities.ts";
import { runSession, type Session, type SessionHooks, type Workload } from "./session.ts";
import { enforce, verify, type DeniedCall } from "./verify.ts";
import { verifyByLog } from "./verify-log.ts";

export interface CraftOptions {
  readonly workload: Workload;
  /** Recorded runs before the first profile is derived. */
  readonly runs: number;
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly policy: Policy;
  /** Which evidence becomes the profile. */
  readonly accept: PolicyName;
  /** Whether the programs that are seen at work are analysed as well; without it only `observed` makes sense. */
  readonly analyze: boolean;
  readonly folder: RunFolder;
  /** How long the target may take to end after SIGTERM, if not GRACE_MS. */
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: CraftEvent) => void;
  /** Gets what is known at least once a second while the target runs. */
  readonly onCheckpoint?: (evidence: Evidence) => void;
}

/** One run under the profile with its denials reported. */
export interface Round {
  readonly denials: readonly DeniedCall[];
  readonly seconds: number;
}

export interface CraftResult {
  readonly derivation: Derivation;
  readonly evidence: Evidence;
  readonly sessions: readonly Session[];
  readonly rounds: readonly Round[];
  readonly enforced: Session;
  /** `CAP_…` that the container did not have and its program could not do without, sorted. */
  readonly capabilities: readonly string[];
  readonly completeness: Completeness;
  /** How many syscalls each policy would have allowed; `observed` alone without static analysis. */
  readonly sizes: Readonly<Partial<Record<PolicyName, number>>>;
}

const CHECKPOINT_MS = 1000;
const MOST_ROUNDS = 12;
/** A target that has not heeded SIGTERM once is not waited for as long again. */
const SHORT_GRACE_MS = 1000;

/** Record, derive, verify until nothing is denied, enforce. */
export async function craft(asked: CraftOptions): Promise<CraftResult> {
  let options = asked;
  const sessions: Session[] = [];
  let evidence: Evidence = joinEvidence();
  const capabilities: string[] = [];
  for (let round = 1; round <= options.runs; round++) {
    options.onEvent?.({ kind: "step", step: "record", round, of: options.runs });
    const recorded = await recordWithNeeded(options, evidence);
    if (recorded.needed.length > 0)
      options = { ...options, engine: withCapabilities(options.engine, recorded.needed) };
    capabilities.push(...recorded.needed);
    sessions.push(recorded.session);
    if (recorded.session.killed) options = { ...options, graceMs: SHORT_GRACE_MS };
    evidence = joinEvidence(evidence, recorded.evidence);
    options.onCheckpoint?.(evidence);
    report(options, plural(countSyscalls(recorded.evidence), "syscall"), recorded.session.seconds);
  }

  if (options.analyze) {
    evidence = joinEvidence(evidence, await analyze(options, evidence));
    options.onCheckpoint?.(evidence);
  }

  if (isContainer(options.engine)) {
    options.onEvent?.({ kind: "step", step: "runtime", round: 1, of: 1 });
    const measured = await measureRuntime(options);
    evidence = joinEvidence(evidence, measured.evidence);
    report(options, `${plural(countSyscalls(measured.evidence), "syscall")} of its own`, measured.seconds);
  }

  const slowest = Math.max(...sessions.map(session => session.seconds));
  const derive = (from: Evidence): Derivation =>
    deriveProfile(acceptedBy(from, options.accept), options.policy);
  const rounds: Round[] = [];
  const nothing = options.recorder.name === "complain" ? "nothing logged" : "nothing denied";
  for (;;) {
    const round = rounds.length + 1;
    options.onEvent?.({ kind: "step", step: "verify", round, of: undefined });
    const verified = await verificationFor(options)(options, derive(evidence).document, slowest);
    rounds.push({ denials: verified.denials, seconds: verified.seconds });
    evidence = joinEvidence(evidence, verified.evidence);
    options.onCheckpoint?.(evidence);
    report(
      options,
      verified.denials.length === 0
        ? nothing
        : `${new Set(verified.denials.map(d => d.syscall)).size} more needed`,
      verified.seconds,
    );
    if (verified.denials.length === 0) break;
    if (round >= MOST_ROUNDS) {
      throw new TargetError(
        `after ${MOST_ROUNDS} rounds of verification the target still makes calls that no earlier run made; give it a workload that repeats, or more --runs`,
      );
    }
  }

  options.onEvent?.({ kind: "step", step: "enforce", round: 1, of: 1 });
  const derivation = derive(evidence);
  const enforced = await enforce(options, derivation.document);
  evidence = withFittingRemedies(joinEvidence(evidence, enforced.evidence), options.engine);
  report(options, "works under the real filter", enforced.session.seconds);
  return {
    derivation,
    evidence,
    sessions,
    rounds,
    enforced: enforced.session,
    capabilities: capabilities.sort(),
    completeness: estimateCompleteness(acceptedBy(evidence, "observed")),
    sizes: sizesOf(options, evidence),
  };
}

/** In complain mode nothing is denied before the profile is enforced: the classic loop of logging and adding. */
function verificationFor({ recorder, engine }: CraftOptions): typeof verify {
  if (recorder.name === "complain") return verifyByLog;
  return isContainer(engine) ? verifyContainer : verify;
}

/** What the programs that were seen at work can do besides. */
async function analyze(options: CraftOptions, observed: Evidence): Promise<Evidence> {
  options.onEvent?.({ kind: "step", step: "analyze", round: 1, of: 1 });
  const started = performance.now();
  const files = await filesOf(options);
  if (files instanceof InputError) {
    report(options, `the image is not analysed: ${files.reason}`, (performance.now() - started) / 1000);
    return notAnalyzed(targetOf(options.workload), `the image could not be analysed: ${files.reason}`);
  }
  const { root } = files;
  const directory = options.workload.directory ?? files.workdir;
  const executables = executablesOf(observed, { root, workdir: directory });
  const analysing = analyzeReachable(executables, { root, signal: options.signal });
  const argv = files.command(options.workload.argv);
  const scripts = readScripts(new TargetRoot(root), { argv, directory, env: files.env });
  const analysed = await analysing;
  const found = scripts === undefined ? analysed : withScripts(analysed, scripts);
  const programs = executables.length === 1 ? "the program" : `${executables.length} programs`;
  const more = neverObserved(joinEvidence(observed, found)).length;
  report(
    options,
    `${plural(more, "more syscall")} ${more === 1 ? "is" : "are"} reachable in ${programs}`,
    (performance.now() - started) / 1000,
  );
  return found;
}

/** What the target starts with; why it cannot be had, when the profile does not rest on it. */
async function filesOf({ engine, accept }: CraftOptions): Promise<Files | InputError> {
  try {
    return await engine.files();
  } catch (error) {
    if (accept === "observed" && error instanceof InputError) return error;
    throw error;
  }
}

function sizesOf(options: CraftOptions, evidence: Evidence): CraftResult["sizes"] {
  const names = analysedRuns(evidence).size > 0 ? POLICY_NAMES : (["observed"] as const);
  return Object.fromEntries(
    names.map(name => [name, deriveProfile(acceptedBy(evidence, name), options.policy).provenance.size]),
  );
}

function report(options: CraftOptions, text: string, seconds: number): void {
  options.onEvent?.({ kind: "done", text, seconds });
}

/** What of the options concerns the end of a session. */
export function stopping(options: Pick<CraftOptions, "graceMs" | "signal">): SessionHooks {
  return {
    ...(options.graceMs === undefined ? {} : { graceMs: options.graceMs }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}

export function countSyscalls(evidence: Evidence): number {
  return new Set(evidence.observations.map(observation => `${observation.abi} ${observation.syscall}`)).size;
}

export function targetOf(workload: Workload): Target {
  if (workload.target !== undefined) return workload.target;
  return { kind: "command", argv: workload.argv, directory: workload.directory ?? process.cwd() };
}

type Recorded =
  | { readonly evidence: Evidence; readonly session: Session }
  | { readonly evidence: Evidence; readonly failure: TargetError };

/**
 * One recorded run; in a container that fails for want of a capability that Docker gives everybody, once more with it,
 * until it works.
 * @throws TargetError with what else it may need
 */
async function recordWithNeeded(
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
    const outcome = await sessionOrFailure(options, recording, {
      onStart: running => recording.attach(running),
      onPhase: phase => {
        recording.setPhase(phase);
        options.onEvent?.({ kind: "phase", phase });
      },
      onExercise: (command, index) => options.onEvent?.({ kind: "exercise", index, command }),
      ...stopping(options),
    });
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
