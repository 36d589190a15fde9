import { InputError, TargetError } from "../errors.ts";
import { estimateCompleteness, type Completeness } from "../evidence/completeness.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence } from "../evidence/model.ts";
import type { Files } from "../engine/engine.ts";
import { plural } from "../plural.ts";
import { deriveProfile, type Derivation } from "../profile/derive.ts";
import {
  acceptedBy,
  analysedRuns,
  neverObserved,
  POLICY_NAMES,
  type PolicyName,
} from "../profile/policies.ts";
import { TargetRoot } from "../static/load/root.ts";
import { readScripts, withScripts } from "../static/scripts/scripts.ts";
import { withCapabilities, withFittingRemedies } from "./capabilities.ts";
import { isContainer, measureRuntime, verifyContainer } from "./containers.ts";
import { countSyscalls, recordWithNeeded } from "./observe.ts";
import { type CraftOptions, report } from "./options.ts";
import { analyzeReachable, executablesOf, notAnalyzed } from "./reachable.ts";
import { type Session, targetOf } from "./session.ts";
import { enforce, verify, type DeniedCall } from "./verify.ts";
import { verifyByLog } from "./verify-log.ts";

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

const MOST_ROUNDS = 12;
/** A target that has not heeded SIGTERM once is not waited for as long again. */
const SHORT_GRACE_MS = 1000;

/** Record, derive, verify until nothing is denied, enforce. */
export async function craft(asked: CraftOptions): Promise<CraftResult> {
  const { options, sessions, capabilities, evidence: seen } = await observeAll(asked);
  let evidence = seen;
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
  const verified = await verifyUntilQuiet(options, evidence, slowest);
  options.onEvent?.({ kind: "step", step: "enforce", round: 1, of: 1 });
  const derivation = derive(options, verified.evidence);
  const enforced = await enforce(options, derivation.document);
  evidence = withFittingRemedies(joinEvidence(verified.evidence, enforced.evidence), options.engine);
  report(options, "works under the real filter", enforced.session.seconds);
  return {
    derivation,
    evidence,
    sessions,
    rounds: verified.rounds,
    enforced: enforced.session,
    capabilities,
    completeness: estimateCompleteness(acceptedBy(evidence, "observed")),
    sizes: sizesOf(options, evidence),
  };
}

/** All recorded runs; `options` are those for what comes next: with the capabilities that were needed. */
async function observeAll(
  asked: CraftOptions,
): Promise<Pick<CraftResult, "sessions" | "evidence" | "capabilities"> & { options: CraftOptions }> {
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
  return { options, sessions, evidence, capabilities: capabilities.sort() };
}

function derive({ accept, policy }: CraftOptions, evidence: Evidence): Derivation {
  return deriveProfile(acceptedBy(evidence, accept), policy);
}

/** Runs under the profile, to which each adds what it was denied, until one is denied nothing. */
async function verifyUntilQuiet(
  options: CraftOptions,
  seen: Evidence,
  slowest: number,
): Promise<{ evidence: Evidence; rounds: readonly Round[] }> {
  const nothing = options.recorder.name === "complain" ? "nothing logged" : "nothing denied";
  const rounds: Round[] = [];
  let evidence = seen;
  while (rounds.length < MOST_ROUNDS) {
    options.onEvent?.({ kind: "step", step: "verify", round: rounds.length + 1, of: undefined });
    const verified = await verificationFor(options)(options, derive(options, evidence).document, slowest);
    const { denials, seconds } = verified;
    rounds.push({ denials, seconds });
    evidence = joinEvidence(evidence, verified.evidence);
    options.onCheckpoint?.(evidence);
    const more = new Set(denials.map(({ syscall }) => syscall)).size;
    report(options, more === 0 ? nothing : `${more} more needed`, seconds);
    if (more === 0) return { evidence, rounds };
  }
  throw new TargetError(
    `after ${MOST_ROUNDS} rounds of verification the target still makes calls that no earlier run made; give it a workload that repeats, or more --runs`,
  );
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
