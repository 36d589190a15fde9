import { ABIS, type AbiName } from "../abi/abi.ts";
import { dockerDefaultAllows } from "../abi/docker-default.ts";
import { riskOf } from "../abi/risk.ts";
import { syscallsOf } from "../abi/syscalls.ts";
import type { Completeness } from "../evidence/completeness.ts";
import type { Evidence, Gap, Phase } from "../evidence/model.ts";
import { analysedRuns, neverObserved, POLICY_NAMES, type PolicyName } from "../profile/policies.ts";
import type { Derivation, Reason } from "../profile/derive.ts";
import { isOfRuntime } from "../profile/runtime-base.ts";

/** Verification and enforcement, as far as a summary tells them. */
export interface Proof {
  /** Per round, the calls that were denied, by name. */
  readonly rounds: readonly (readonly {
    readonly syscall: string;
    readonly executable: string | undefined;
  }[])[];
  /** Seconds of the run under the real filter; undefined when there was none. */
  readonly enforcedSeconds: number | undefined;
  /** How denials were seen: by whoever loads the filter for us, or by ourselves. */
  readonly namedBy: "listener" | "ebpf" | "log";
}

export interface SummaryOptions {
  readonly title: string;
  readonly derivation: Derivation;
  readonly evidence: Evidence;
  readonly completeness: Completeness;
  readonly proof: Proof;
  /** Which policy made the profile, and how many syscalls each would have allowed. */
  readonly policy: PolicyName;
  readonly sizes: Readonly<Partial<Record<PolicyName, number>>>;
  /** `CAP_…` that the container had to be given besides. */
  readonly capabilities?: readonly string[];
  readonly nextStep: string;
  /** Whether the evidence, and what was never seen, are written to files beside it. */
  readonly hasFiles: boolean;
}

const PHASES: readonly Phase[] = ["startup", "serving", "shutdown"];

/** What a profile allows and why, in plain text; lines are as long as they are. */
export function printSummary(options: SummaryOptions): string {
  const { derivation } = options;
  const sections = [
    `${options.title}\n${sizeLine(derivation)}`,
    phaseLines(options),
    proofLines(options.proof),
    riskLines(derivation),
    withheldLines(derivation),
    capabilityLines(options.capabilities ?? []),
    policyLines(options),
    gapLines(options),
    `how complete: ${options.completeness.explanation}`,
    `next: ${options.nextStep}`,
  ];
  return `${sections.filter(section => section !== "").join("\n\n")}\n`;
}

function sizeLine(derivation: Derivation): string {
  const allowed = [...derivation.provenance.keys()];
  const abis = abisOf(derivation);
  const [main = "x86_64"] = abis;
  const known = syscallsOf(main).length;
  const docker = dockerDefaultAllows(main);
  const beyond = allowed.filter(name => !docker.has(name));
  const also = beyond.length === 0 ? "" : `; not in Docker's default: ${beyond.join(", ")}`;
  return `allows ${allowed.length} of ${known} syscalls on ${abis.join(" and ")}; Docker's default allows ${docker.size}${also}`;
}

/** The ABIs of a profile, the main one first. */
export function abisOf({ document }: Derivation): AbiName[] {
  const listed = document.architectures ?? [];
  return ABIS.filter(abi => listed.includes(abi.scmp)).map(abi => abi.name);
}

/** Syscalls that were seen in each phase. */
export function syscallsByPhase(evidence: Evidence): ReadonlyMap<Phase, ReadonlySet<string>> {
  const phases = new Map<Phase, Set<string>>();
  for (const { phase, syscall } of evidence.observations) {
    if (phase === undefined) continue;
    const names = phases.get(phase) ?? new Set<string>();
    names.add(syscall);
    phases.set(phase, names);
  }
  return phases;
}

/** Calls that nobody made but what entered the running container. */
function enteredOnly({ observations }: Evidence): string[] {
  const seen = observations.filter(each => each.phase !== undefined);
  const own = new Set(seen.filter(each => each.entry === undefined).map(each => each.syscall));
  return [...new Set(seen.map(each => each.syscall))].filter(name => !own.has(name)).sort();
}

function phaseLines({ evidence, derivation }: SummaryOptions): string {
  const phases = syscallsByPhase(evidence);
  const counts = PHASES.filter(phase => phases.has(phase)).map(
    phase => `${phase} ${phases.get(phase)?.size ?? 0}`,
  );
  const lines = [`by phase: ${counts.join(", ")}`];
  const later = new Set([...(phases.get("serving") ?? []), ...(phases.get("shutdown") ?? [])]);
  const serving = phases.has("serving");
  const only = [...(phases.get("startup") ?? [])].filter(name => !later.has(name)).sort();
  if (serving && only.length > 0) lines.push(`only at startup (${only.length}): ${only.join(" ")}`);
  const entered = enteredOnly(evidence);
  if (entered.length > 0)
    lines.push(`only by exec and health checks (${entered.length}): ${entered.join(" ")}`);
  const ofRuntime = isOfRuntime(evidence);
  const runtime = allowedFor(
    derivation,
    reason => reason.kind === "runtime" || (reason.kind === "observed" && ofRuntime(reason.observation)),
  );
  if (runtime.length > 0)
    lines.push(
      `for the container runtime alone, once it has loaded the profile (${runtime.length}): ${runtime.join(" ")}`,
    );
  const essential = allowedFor(derivation, ({ kind }) => kind === "essential");
  if (essential.length > 0) lines.push(`not seen, but no program can do without: ${essential.join(" ")}`);
  return lines.join("\n");
}

/** Calls that are allowed for reasons of one sort and no other. */
function allowedFor({ provenance }: Derivation, sort: (reason: Reason) => boolean): string[] {
  return [...provenance].flatMap(([name, reasons]) => (reasons.every(sort) ? [name] : []));
}

const NAMED_BY: Readonly<Record<Proof["namedBy"], string>> = {
  listener: "denials are named by the filter's listener, which answers them as the profile says",
  ebpf: "denials are named by eBPF, at the end of calls that the profile's own filter answers",
  log: "in complain mode: what the profile denies passes, and is named by the kernel's log",
};

function proofLines({ rounds, enforcedSeconds, namedBy }: Proof): string {
  const lines = rounds.flatMap((denials, index) => {
    if (denials.length === 0) return [];
    const bySyscall = new Map(denials.map(denial => [denial.syscall, denial.executable ?? "?"]));
    const names = [...bySyscall].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, by]) => `${name} (${by})`);
    return [`verification round ${index + 1} denied and added: ${names.join(", ")}`];
  });
  if (rounds.length > 0)
    lines.push(
      `verified: run ${rounds.length} under the profile made no call that it denies (${NAMED_BY[namedBy]})`,
    );
  if (enforcedSeconds !== undefined)
    lines.push(`enforced: worked under the real filter, alone, in ${enforcedSeconds.toFixed(1)} s`);
  return lines.join("\n");
}

function riskLines({ provenance }: Derivation): string {
  const risky = [...provenance.keys()].flatMap(name => {
    const risk = riskOf(name);
    return risk === undefined || risk.level !== "high" ? [] : [`  ${name}: ${risk.why}`];
  });
  return risky.length === 0
    ? ""
    : ["high-risk calls among them, because they were made:", ...risky].join("\n");
}

function withheldLines({ withheld }: Derivation): string {
  if (withheld.size === 0) return "";
  const pairs = [...withheld].map(([newer, older]) => `${newer} (${older})`);
  return `answered ENOSYS, so that a libc falls back to the older call that is allowed: ${pairs.join(", ")}`;
}

/** What the other policies would have made of the same evidence, and what nobody has seen at work. */
function policyLines({ policy, sizes, evidence, derivation, hasFiles }: SummaryOptions): string {
  const counts = POLICY_NAMES.flatMap(name => (sizes[name] === undefined ? [] : [`${name} ${sizes[name]}`]));
  if (counts.length < 2) return "";
  const lines = [`policy ${policy}; syscalls that each would allow: ${counts.join(", ")}`];
  const open = neverObserved(evidence).filter(({ syscall }) => !derivation.provenance.has(syscall));
  const near = open
    .filter(({ distance, inScripts }) => distance !== undefined && distance <= 2 && inScripts !== "absent")
    .map(({ syscall }) => syscall);
  const where = `${hasFiles ? "unobserved.txt has" : "--out writes to unobserved.txt"} the risk of each and a way to it`;
  if (near.length > 0)
    lines.push(
      `reachable and never seen (${open.length}): exercise these or accept that they are denied: ${[...new Set(near)].sort().join(" ")}`,
    );
  if (near.length > 0 && open.length > near.length)
    lines.push(`  and ${open.length - near.length} more that lie deep in libraries; ${where}`);
  if (near.length === 0 && open.length > 0)
    lines.push(`reachable and never seen: ${open.length} that lie deep in libraries; ${where}`);
  return lines.join("\n");
}

/** As options of Docker and as a Pod's security context. */
function capabilityLines(capabilities: readonly string[]): string {
  if (capabilities.length === 0) return "";
  const names = capabilities.map(name => name.replace(/^CAP_/, ""));
  return [
    `capabilities that it failed without: ${names.join(" ")}`,
    `  docker run --cap-drop ALL ${names.map(name => `--cap-add ${name}`).join(" ")}`,
    `  securityContext: {capabilities: {drop: [ALL], add: [${names.join(", ")}]}}`,
  ].join("\n");
}

function gapLines({ evidence, capabilities: given = [], hasFiles }: SummaryOptions): string {
  const gaps = evidence.gaps.filter(
    ({ capabilities = [] }) => !capabilities.some(name => given.includes(name)),
  );
  const analysed = analysedRuns(evidence);
  const isInCode = ({ run, kind }: Gap): boolean => analysed.has(run) && kind !== "script";
  const reasons = [...new Set(gaps.filter(gap => !isInCode(gap)).map(gap => gap.reason))];
  const inCode = gaps.filter(isInCode).length;
  if (inCode > 0)
    reasons.push(
      `${inCode} ${inCode === 1 ? "place" : "places"} in the code that static analysis cannot decide; ${hasFiles ? "evidence.json has each" : "--out writes each to evidence.json"}`,
    );
  return reasons.length === 0 ? "" : ["not known:", ...reasons.map(reason => `  ${reason}`)].join("\n");
}
