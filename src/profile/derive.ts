import { ABIS, type AbiName } from "../abi/abi.ts";
import { newerTwinsOf } from "../abi/twins.ts";
import { syscallByName, syscallByNumber } from "../abi/syscalls.ts";
import type { Evidence, Observation, Phase } from "../evidence/model.ts";
import type { Action } from "./action.ts";
import type { ActionName, ProfileDocument, RuleDocument } from "./document.ts";
import { type RuntimeBase, runtimeCalls } from "./runtime-base.ts";

const ENOSYS = 38;

/** How evidence becomes a profile. */
export interface Policy {
  /** For everything that the evidence does not justify. */
  readonly defaultAction: Action;
  /** Only observations of these phases, and those without a phase; all when absent. */
  readonly phases?: readonly Phase[];
  /** Labels of observations that do not count, such as `container-runtime`. */
  readonly withoutLabels?: readonly NonNullable<Observation["label"]>[];
  readonly runtimeBase: RuntimeBase;
  /** Calls that every program may come to need without anybody having seen them: see `ESSENTIAL`. */
  readonly essentials: boolean;
  /** Answer ENOSYS for newer twins that are left out, so that a library falls back to the older call. */
  readonly twins: boolean;
}

export const DEFAULT_POLICY: Policy = {
  defaultAction: { kind: "errno", errno: 1 },
  runtimeBase: "none",
  essentials: true,
  twins: true,
};

/** Needed to end, or to come back from a signal; a program that lacks them spins or dies at a moment nobody tested. */
export const ESSENTIAL: readonly string[] = [
  "exit",
  "exit_group",
  "restart_syscall",
  "rt_sigreturn",
  "sigreturn",
];

/** Why a syscall is in a profile. */
export type Reason =
  | { readonly kind: "observed"; readonly observation: Observation }
  | { readonly kind: "runtime"; readonly runtime: RuntimeBase }
  | { readonly kind: "essential" };

export interface Derivation {
  readonly document: ProfileDocument;
  /** For each allowed syscall, by name in order, everything that justifies it. */
  readonly provenance: ReadonlyMap<string, readonly Reason[]>;
  /** Newer calls that are answered with ENOSYS, in order, each with the older one that is allowed. */
  readonly withheld: ReadonlyMap<string, string>;
  /** Observations of numbers that have no name: no profile can allow them. */
  readonly unnamed: readonly Observation[];
}

function accepted(observation: Observation, policy: Policy): boolean {
  const { phase, label } = observation;
  if (phase !== undefined && policy.phases !== undefined && !policy.phases.includes(phase)) return false;
  return label === undefined || policy.withoutLabels?.includes(label) !== true;
}

const ACTION_NAMES: Readonly<Record<Action["kind"], ActionName>> = {
  "kill-process": "SCMP_ACT_KILL_PROCESS",
  "kill-thread": "SCMP_ACT_KILL_THREAD",
  trap: "SCMP_ACT_TRAP",
  errno: "SCMP_ACT_ERRNO",
  notify: "SCMP_ACT_NOTIFY",
  trace: "SCMP_ACT_TRACE",
  log: "SCMP_ACT_LOG",
  allow: "SCMP_ACT_ALLOW",
};

/** How a document writes an action: its name and, where it has one, its number. */
export function writtenAction(action: Action): { readonly name: ActionName; readonly errnoRet?: number } {
  const name = ACTION_NAMES[action.kind];
  if (action.kind === "errno") return { name, errnoRet: action.errno };
  return action.kind === "trace" ? { name, errnoRet: action.data } : { name };
}

/** Newer twins that a library tries first: with EPERM the program would fail, with ENOSYS it does what is allowed. */
function withheldTwins(
  policy: Policy,
  allowed: ReadonlySet<string>,
  abis: readonly AbiName[],
): Map<string, string> {
  const { defaultAction } = policy;
  const denies = defaultAction.kind !== "allow" && defaultAction.kind !== "log";
  const answersEnosys = defaultAction.kind === "errno" && defaultAction.errno === ENOSYS;
  const withheld = new Map<string, string>();
  if (!policy.twins || !denies || answersEnosys) return withheld;
  for (const older of allowed) {
    for (const { newer, fallback } of newerTwinsOf(older)) {
      const exists = abis.some(abi => syscallByName(abi, newer) !== undefined);
      if (fallback !== undefined && exists && !allowed.has(newer) && !withheld.has(newer))
        withheld.set(newer, older);
    }
  }
  return new Map([...withheld].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function documentOf(
  policy: Policy,
  abis: readonly AbiName[],
  allowed: readonly string[],
  withheld: readonly string[],
): ProfileDocument {
  const fallback = writtenAction(policy.defaultAction);
  const syscalls: RuleDocument[] = [];
  if (allowed.length > 0 && fallback.name !== "SCMP_ACT_ALLOW") {
    syscalls.push({ names: allowed, action: "SCMP_ACT_ALLOW" });
  }
  if (withheld.length > 0) syscalls.push({ names: withheld, action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS });
  return {
    defaultAction: fallback.name,
    ...(fallback.errnoRet === undefined ? {} : { defaultErrnoRet: fallback.errnoRet }),
    ...(abis.length === 0
      ? {}
      : { architectures: ABIS.filter(abi => abis.includes(abi.name)).map(abi => abi.scmp) }),
    syscalls,
  };
}

/** The profile that allows some calls on some ABIs, as the policy answers all others. */
export function profileAllowing(
  allowed: readonly string[],
  abis: readonly AbiName[],
  policy: Policy = DEFAULT_POLICY,
): Pick<Derivation, "document" | "withheld"> {
  const withheld = withheldTwins(policy, new Set(allowed), abis);
  return { document: documentOf(policy, abis, [...allowed].sort(), [...withheld.keys()]), withheld };
}

/**
 * The smallest profile that a policy finds justified by evidence: every accepted observation is allowed, on the ABIs
 * that were seen, and nothing else. Docker accepts the document as it is.
 */
export function deriveProfile(evidence: Evidence, policy: Policy = DEFAULT_POLICY): Derivation {
  const reasons = new Map<string, Reason[]>();
  const add = (name: string, reason: Reason): void => {
    const known = reasons.get(name);
    if (known === undefined) reasons.set(name, [reason]);
    else known.push(reason);
  };
  const abis = new Set<AbiName>();
  const unnamed: Observation[] = [];
  for (const observation of evidence.observations) {
    if (!accepted(observation, policy)) continue;
    abis.add(observation.abi);
    const name = syscallByNumber(observation.abi, observation.number)?.name;
    if (name === undefined) unnamed.push(observation);
    else add(name, { kind: "observed", observation });
  }
  for (const name of runtimeCalls(policy.runtimeBase))
    add(name, { kind: "runtime", runtime: policy.runtimeBase });
  const listed = [...abis];
  if (policy.essentials) {
    for (const name of ESSENTIAL) {
      if (listed.some(abi => syscallByName(abi, name) !== undefined)) add(name, { kind: "essential" });
    }
  }
  const allowed = [...reasons.keys()].sort();
  const { document, withheld } = profileAllowing(allowed, listed, policy);
  return {
    document,
    provenance: new Map(allowed.map(name => [name, reasons.get(name) ?? []])),
    withheld,
    unnamed,
  };
}
