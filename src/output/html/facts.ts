import path from "node:path";
import { ABIS, type AbiName } from "../../abi/abi.ts";
import { dockerDefaultAllows, dockerDefaultConditions } from "../../abi/docker-default.ts";
import { type Group, groupOf } from "../../abi/groups.ts";
import { type Risk, riskOf } from "../../abi/risk.ts";
import { syscallByNumber, syscallsOf } from "../../abi/syscalls.ts";
import type { Decision } from "../../bpf/decision.ts";
import { type Completeness, estimateCompleteness } from "../../evidence/completeness.ts";
import type { Evidence, Observation, Phase, Run } from "../../evidence/model.ts";
import { type Action, decodeAction } from "../../profile/action.ts";
import { DEFAULT_POLICY, type Derivation, deriveProfile, type Reason } from "../../profile/derive.ts";
import { lint } from "../../profile/lint/lint.ts";
import type { Finding } from "../../profile/lint/rule.ts";
import { DOCKER_CAPABILITIES, type Host, type ProfileDocument } from "../../profile/document.ts";
import { acceptedBy, countingEvidence, neverObserved, type PolicyName } from "../../profile/policies.ts";
import { isOfRuntime, type RuntimeBase, runtimeServedBy } from "../../profile/runtime-base.ts";
import { resolveProfile } from "../../profile/resolve.ts";
import { decisionOf } from "../../profile/verdict.ts";
import { type Column, columnOf, PHASES } from "./words.ts";
import { shellCommand } from "../../shell.ts";

/** What a profile does with a call, whatever its arguments are, or depending on them. */
export type Verdict = "allowed" | "some" | "denied";

/** Everything that the report says about one call. */
export interface CallFacts {
  readonly abi: AbiName;
  readonly name: string;
  readonly number: number;
  readonly group: Group | undefined;
  readonly risk: Risk | undefined;
  /** What Docker's default profile does with it. */
  readonly docker: Verdict;
  /** The code can reach it, and nobody has seen it. */
  readonly onlyReachable: boolean;
  readonly verdict: Verdict;
  /** What the profile answers when it denies. */
  readonly answer: Action | undefined;
  readonly observations: readonly Observation[];
  /** Runs that show it, by column of the matrix. */
  readonly runs: ReadonlyMap<string, ReadonlySet<string>>;
  readonly phases: readonly Phase[];
  /** How often it was called in all runs together; 0 where no source counts. */
  readonly count: number;
  /** Reasons other than having been observed. */
  readonly otherReasons: readonly Reason[];
}

/** A run with what it added to what the runs before it had shown. */
export interface RunFacts {
  readonly run: Run;
  /** From 1, in the order of time. */
  readonly ordinal: number;
  readonly calls: number;
  /** Names of calls that no earlier run had shown, sorted. */
  readonly fresh: readonly string[];
  /** Calls known after it. */
  readonly known: number;
}

export interface ReportFacts {
  readonly title: string;
  readonly evidence: Evidence;
  /** Whether the profile was given or is derived from the evidence by the usual policy. */
  readonly profileGiven: boolean;
  readonly document: ProfileDocument;
  readonly derivation: Derivation;
  /** Whether the container runtime made a call itself. */
  readonly ofRuntime: (seen: Observation) => boolean;
  /** The ABI that figures about "all calls" speak of. */
  readonly abi: AbiName;
  /** Calls that were seen, or are allowed, on any ABI of the evidence; by ABI and name. */
  readonly calls: readonly CallFacts[];
  /** Every call of `abi`. */
  readonly everyCall: readonly CallFacts[];
  /** Those of the matrix that have a mark. */
  readonly columns: readonly Column[];
  readonly runs: readonly RunFacts[];
  /** Those that ran the target, numbered as in `runs`: analyses and imports repeat nothing. */
  readonly repetitions: readonly RunFacts[];
  readonly completeness: Completeness;
  readonly findings: readonly Finding[];
}

/** What a given profile is to be called, and the evidence. */
export interface ReportInput {
  readonly evidence: Evidence;
  readonly profile?: ProfileDocument;
  /** How a profile is derived when none is given; `observed` when anything was, else `static`. */
  readonly policy?: PolicyName;
  readonly title?: string;
}

function verdictOf(decision: Decision): { verdict: Verdict; answer: Action | undefined } {
  const values = new Set<number>();
  const visited = new Set<Decision>();
  const visit = (at: Decision): void => {
    if (visited.has(at)) return;
    visited.add(at);
    if (at.kind === "return") values.add(at.value);
    else {
      visit(at.yes);
      visit(at.no);
    }
  };
  visit(decision);
  const actions = [...values].map(decodeAction);
  const denies = actions.filter(({ kind }) => kind !== "allow" && kind !== "log");
  if (denies.length === 0) return { verdict: "allowed", answer: undefined };
  return { verdict: denies.length === actions.length ? "denied" : "some", answer: denies[0] };
}

function isRepetition({ purpose }: Run): boolean {
  return purpose === "observe" || purpose === "verify";
}

/** Sorts repetitions first, in the order of time; runs without one last, by id. */
function timeKey(run: Run): string {
  return `${isRepetition(run) ? 0 : 1} ${run.started ?? "~"} ${run.id}`;
}

function runsInOrder(runs: readonly Run[]): readonly Run[] {
  return [...runs].sort((a, b) => (timeKey(a) < timeKey(b) ? -1 : 1));
}

/** By our tables; else by the evidence, where that looks like a name. */
export function nameOf({ abi, number, syscall }: Observation): string {
  return syscallByNumber(abi, number)?.name ?? (/^\w{1,64}$/.test(syscall) ? syscall : `syscall_${number}`);
}

function runFacts(evidence: Evidence, keep: (run: Run) => boolean): readonly RunFacts[] {
  const byRun = new Map<string, Set<string>>();
  for (const observation of evidence.observations) {
    const names = byRun.get(observation.run) ?? new Set<string>();
    byRun.set(observation.run, names.add(nameOf(observation)));
  }
  const known = new Set<string>();
  return runsInOrder(evidence.runs.filter(keep)).map((run, index) => {
    const names = byRun.get(run.id) ?? new Set<string>();
    const fresh = [...names].filter(name => !known.has(name)).sort();
    for (const name of fresh) known.add(name);
    return { run, ordinal: index + 1, calls: names.size, fresh, known: known.size };
  });
}

/** The ABI of the profile that most observations are on. */
function mainAbi(evidence: Evidence, document: ProfileDocument): AbiName {
  const counts = new Map<AbiName, number>();
  for (const { abi } of evidence.observations) counts.set(abi, (counts.get(abi) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  const listed = ABIS.find(({ scmp }) => document.architectures?.includes(scmp) === true);
  return most?.[0] ?? listed?.name ?? "x86_64";
}

/** The kernel that Docker's conditions on versions are resolved for: the newest that a run names, else a current one. */
function kernelOf(evidence: Evidence): string {
  const versions = evidence.runs.flatMap(({ environment }) => {
    const match = /^(\d+)\.(\d+)/.exec(environment?.kernel ?? "");
    return match === null ? [] : [[Number(match[1]), Number(match[2])] as const];
  });
  const [newest] = versions.sort((a, b) => b[0] - a[0] || b[1] - a[1]);
  return newest === undefined ? "6.1" : newest.join(".");
}

function hostOf(evidence: Evidence, abi: AbiName): Host {
  return { abi, capabilities: DOCKER_CAPABILITIES, kernel: kernelOf(evidence) };
}

/** The container runtime whose own calls belong into the profile, or are a reason for what a given one allows. */
function runtimeBaseOf(evidence: Evidence, given: ProfileDocument | undefined): RuntimeBase {
  const contained = evidence.runs.some(
    ({ target }) => target.kind === "image" || target.kind === "container",
  );
  const expected = contained ? "runc" : "none";
  if (given === undefined) return expected;
  const abi = mainAbi(evidence, given);
  const profile = resolveProfile(given, hostOf(evidence, abi));
  const served = runtimeServedBy(
    abi,
    number => verdictOf(decisionOf(profile, abi, number)).verdict !== "denied",
  );
  return served === "none" ? expected : served;
}

function dockerVerdict(abi: AbiName): (name: string) => Verdict {
  const [allows, conditions] = [dockerDefaultAllows(abi), dockerDefaultConditions(abi)];
  return name => (conditions.has(name) ? "some" : allows.has(name) ? "allowed" : "denied");
}

function callFacts(
  evidence: Evidence,
  document: ProfileDocument,
  derivation: Derivation,
  abi: AbiName,
): readonly CallFacts[] {
  const profile = resolveProfile(document, hostOf(evidence, abi));
  const columnByRun = new Map(evidence.runs.map(run => [run.id, columnOf(run).id]));
  const seen = new Map<number, Observation[]>();
  for (const observation of evidence.observations) {
    if (observation.abi !== abi) continue;
    const list = seen.get(observation.number);
    if (list === undefined) seen.set(observation.number, [observation]);
    else list.push(observation);
  }
  const docker = dockerVerdict(abi);
  const reachable = new Set(
    neverObserved(evidence)
      .filter(observation => observation.abi === abi)
      .map(({ number }) => number),
  );
  const facts = (name: string, number: number): CallFacts => {
    const observations = seen.get(number) ?? [];
    const runs = new Map<string, Set<string>>();
    for (const { run } of observations) {
      const column = columnByRun.get(run) ?? "";
      runs.set(column, (runs.get(column) ?? new Set()).add(run));
    }
    return {
      abi,
      name,
      number,
      group: groupOf(name),
      risk: riskOf(name),
      docker: docker(name),
      onlyReachable: reachable.has(number),
      ...verdictOf(decisionOf(profile, abi, number)),
      observations,
      runs,
      phases: PHASES.filter(phase => observations.some(observation => observation.phase === phase)),
      count: observations.reduce((sum, { count }) => sum + (count ?? 0), 0),
      otherReasons: (derivation.provenance.get(name) ?? []).filter(({ kind }) => kind !== "observed"),
    };
  };
  const known = syscallsOf(abi);
  const numbers = new Set(known.map(({ number }) => number));
  const nameless = [...seen].filter(([number]) => !numbers.has(number));
  return [
    ...known.map(({ name, number }) => facts(name, number)),
    ...nameless.map(([number, [first]]) => facts(first === undefined ? "" : nameOf(first), number)),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const MOST_TITLES = 4;

/**
 * What it is about: what ran, or else what was read; more than a few targets are named by their programs alone.
 */
function titleOf({ runs }: Evidence): string {
  const ran = runs.filter(({ source }) => source !== "static");
  const titles = new Set(
    (ran.length === 0 ? runs : ran).map(({ target }) => {
      switch (target.kind) {
        case "command":
          return shellCommand(target.argv);
        case "file":
        case "cgroup":
        case "log":
          return target.path;
        case "process":
          return target.executable ?? `process ${target.pid}`;
        case "image":
          return target.name;
        case "container":
          return target.image ?? target.id;
      }
    }),
  );
  if (titles.size <= MOST_TITLES) return [...titles].sort().join(", ") || "nothing";
  const names = new Set([...titles].map(title => path.posix.basename(title.split(" ")[0] ?? title)));
  return `${titles.size} targets: ${[...names].sort().join(", ")}`;
}

/**
 * What a report says, worked out from evidence and a profile; without one, from the profile that the evidence
 * justifies by the usual policy. Pure.
 * @throws InputError when the profile is one that a container runtime refuses.
 */
export function gatherFacts({ evidence, profile, policy, title }: ReportInput): ReportFacts {
  const counting = policy === undefined ? countingEvidence(evidence) : acceptedBy(evidence, policy);
  const derivation = deriveProfile(counting, {
    ...DEFAULT_POLICY,
    runtimeBase: runtimeBaseOf(evidence, profile),
  });
  const document = profile ?? derivation.document;
  const abi = mainAbi(evidence, document);
  const others = ABIS.map(({ name }) => name).filter(
    name => name !== abi && evidence.observations.some(observation => observation.abi === name),
  );
  const everyCall = callFacts(evidence, document, derivation, abi);
  const all = [...everyCall, ...others.flatMap(name => callFacts(evidence, document, derivation, name))];
  const showing = new Set(all.flatMap(({ runs }) => [...runs.keys()]));
  const columns = new Map(evidence.runs.map(run => [columnOf(run).id, columnOf(run)]));
  return {
    title: title ?? titleOf(evidence),
    evidence,
    profileGiven: profile !== undefined,
    document,
    derivation,
    ofRuntime: isOfRuntime(evidence),
    abi,
    calls: all.filter(({ verdict, observations }) => verdict !== "denied" || observations.length > 0),
    everyCall,
    columns: [...columns.values()]
      .filter(({ id }) => showing.has(id))
      .sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1)),
    runs: runFacts(evidence, () => true),
    repetitions: runFacts(evidence, isRepetition),
    findings: lint(document, hostOf(evidence, abi)).findings,
    completeness: estimateCompleteness(acceptedBy(evidence, "observed")),
  };
}
