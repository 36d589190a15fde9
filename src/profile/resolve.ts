import { type Abi, abiByName, abiByScmp, type AbiName } from "../abi/abi.ts";
import { syscallByName, syscallByNumber, syscallNames } from "../abi/syscalls.ts";
import { type Decision, outcome } from "../bpf/decision.ts";
import { InputError } from "../errors.ts";
import { type Action, encodeAction, KILL_THREAD } from "./action.ts";
import {
  type ActionName,
  type Condition,
  type FlagName,
  type Host,
  placeOf,
  type ProfileDocument,
  type RuleDocument,
} from "./document.ts";
import { errnoNumber } from "./errno.ts";
import { architecturesFor, ruleApplies } from "./host.ts";
import { multiplexed } from "./multiplex.ts";
import { EndlessTree, TooManyRules } from "./rule-node.ts";
import { type LibseccompBehaviour, MAX_CONDITIONAL_RULES, RuleConflict, RuleTree } from "./rule-tree.ts";

const EPERM = 1;
const ENOSYS = 38;

/** What a profile does on one ABI. */
export interface AbiFilter {
  /** For every number that is not in `numbers`. */
  readonly fallback: Decision;
  readonly numbers: ReadonlyMap<number, Decision>;
  /** Numbers above this one answer ENOSYS. */
  readonly enosysAbove?: number;
}

/**
 * What a profile means: a total function from ABI, number and six arguments to an action. Ask it with `verdict`.
 */
export interface Profile {
  /** The ABI of the kernel that it is for; its filter is always there. */
  readonly native: AbiName;
  readonly abis: ReadonlyMap<AbiName, AbiFilter>;
  /** For calls on every other ABI. */
  readonly unlisted: Action;
  /** Undefined when the profile says nothing, which runtimes take for SPEC_ALLOW. */
  readonly flags: readonly FlagName[] | undefined;
}

export interface ResolveOptions {
  /** runc's answer ENOSYS for numbers above the highest one that the profile names; true when absent. */
  readonly enosysStub?: boolean;
  readonly libseccomp?: LibseccompBehaviour;
}

/** A rule that libseccomp is given: for one syscall, at most one condition per argument. */
interface PlainRule {
  readonly name: string;
  readonly action: number;
  readonly conditions: readonly Condition[];
  /** Index of the rule in the document. */
  readonly index: number;
}

/** The action that a name and a number stand for; ERRNO and TRACE without a number use EPERM, as runc has it. */
function actionOf(name: ActionName, errnoRet: number | undefined, errno: string | undefined): Action {
  const number = (errno === undefined ? undefined : errnoNumber(errno)) ?? errnoRet ?? EPERM;
  switch (name) {
    case "SCMP_ACT_KILL":
    case "SCMP_ACT_KILL_THREAD":
      return KILL_THREAD;
    case "SCMP_ACT_KILL_PROCESS":
      return { kind: "kill-process" };
    case "SCMP_ACT_TRAP":
      return { kind: "trap" };
    case "SCMP_ACT_ERRNO":
      return { kind: "errno", errno: number };
    case "SCMP_ACT_TRACE":
      return { kind: "trace", data: number };
    case "SCMP_ACT_ALLOW":
      return { kind: "allow" };
    case "SCMP_ACT_LOG":
      return { kind: "log" };
    case "SCMP_ACT_NOTIFY":
      return { kind: "notify" };
  }
}

export function defaultActionOf(document: ProfileDocument): Action {
  return actionOf(document.defaultAction, document.defaultErrnoRet, document.defaultErrno);
}

export function ruleActionOf(rule: RuleDocument): Action {
  return actionOf(rule.action, rule.errnoRet, rule.errno);
}

/** runc gives libseccomp one rule per condition as soon as two conditions look at one argument. */
function conditionSets(rule: RuleDocument): readonly (readonly Condition[])[] {
  const args = rule.args ?? [];
  const indexes = new Set(args.map(condition => condition.index));
  return indexes.size === args.length ? [args] : args.map(condition => [condition]);
}

function plainRules(document: ProfileDocument, host: Host, fallback: number): PlainRule[] {
  return (document.syscalls ?? []).flatMap((rule, index) => {
    if (!ruleApplies(rule, host)) return [];
    const action = encodeAction(ruleActionOf(rule));
    if (rule.action === "SCMP_ACT_NOTIFY" && rule.names.includes("write")) {
      throw new InputError("runc refuses SCMP_ACT_NOTIFY on write", placeOf(document, ["syscalls", index]));
    }
    if (action === fallback) return [];
    return rule.names.flatMap(name =>
      conditionSets(rule).map(conditions => ({ name, action, conditions, index })),
    );
  });
}

/** Whether any ABI has a syscall of this name; runc ignores rules for other names. */
export function isSyscallName(name: string): boolean {
  return syscallNames().has(name);
}

function addRule(
  trees: Map<number | string, RuleTree>,
  abi: Abi,
  rule: PlainRule,
  behaviour: LibseccompBehaviour,
): void {
  const add = (number: number | string, conditions: readonly Condition[]): void => {
    let tree = trees.get(number);
    if (tree === undefined) {
      tree = new RuleTree(abi.bits, behaviour);
      trees.set(number, tree);
    }
    tree.add(conditions, rule.action);
  };
  const way = multiplexed(abi.name, rule.name);
  const direct = syscallByName(abi.name, rule.name)?.number;
  if (way !== undefined) {
    const through = syscallByName(abi.name, way.through)?.number ?? way.through;
    const selector: Condition = { index: 0, value: BigInt(way.selector), op: "SCMP_CMP_EQ" };
    add(through, [selector, ...rule.conditions.filter(condition => condition.index !== 0)]);
  }
  // Rules for calls that other ABIs have never match, but they can conflict all the same.
  if (direct !== undefined || isSyscallName(rule.name)) add(direct ?? rule.name, rule.conditions);
}

/** The highest number that any rule names, those included that change nothing; 0 when there is none. */
function highestNumber(document: ProfileDocument, host: Host, abi: Abi): number {
  let highest = 0;
  for (const rule of document.syscalls ?? []) {
    if (!ruleApplies(rule, host)) continue;
    for (const name of rule.names) {
      if (multiplexed(abi.name, name) !== undefined) continue;
      highest = Math.max(highest, syscallByName(abi.name, name)?.number ?? 0);
    }
  }
  return highest;
}

function hasStub(fallback: Action, options: ResolveOptions): boolean {
  return options.enosysStub !== false && !["allow", "log", "trace"].includes(fallback.kind);
}

function listedAbis(document: ProfileDocument, host: Host): Abi[] {
  const own = abiByName(host.abi);
  if (own === undefined) throw new InputError(`unknown ABI ${host.abi}`);
  const listed = (architecturesFor(document, host) ?? []).map(name => abiByScmp(name));
  return [...new Set([own, ...listed])].filter(abi => abi !== undefined);
}

function whyRefused(error: unknown): string | undefined {
  if (error instanceof RuleConflict) {
    return "has the condition of an earlier rule with another action, which libseccomp refuses (EEXIST)";
  }
  if (error instanceof EndlessTree)
    return "makes libseccomp hang together with earlier rules for the same syscall";
  if (error instanceof TooManyRules) {
    return `has too many other rules with conditions beside it (${MAX_CONDITIONAL_RULES} at most): they combine to more tests than a filter can hold`;
  }
  return undefined;
}

/** Runs `body`; what libseccomp would make of the rule becomes an error at its place. */
function withPlace(document: ProfileDocument, rule: PlainRule, body: () => void): void {
  try {
    body();
  } catch (error) {
    const reason = whyRefused(error);
    if (reason === undefined) throw error;
    const place = placeOf(document, ["syscalls", rule.index]);
    throw new InputError(`the rule for ${rule.name} ${reason}`, place, { cause: error });
  }
}

/**
 * What a profile does on a host, as runc with libseccomp carries it out: conditions on one argument are alternatives,
 * rules that equal the default are dropped, names that a kernel's table lacks are ignored, overlapping conditions
 * are decided by libseccomp's order, 32-bit ABIs look at the low half of arguments, ABIs that are not listed are
 * killed (the host's own counts as listed), numbers above all that are named answer ENOSYS.
 * @throws InputError where runc would refuse the profile, with the place.
 */
export function resolveProfile(document: ProfileDocument, host: Host, options: ResolveOptions = {}): Profile {
  const fallback = defaultActionOf(document);
  if (fallback.kind === "notify") {
    throw new InputError(
      "runc refuses SCMP_ACT_NOTIFY as the default action",
      placeOf(document, ["defaultAction"]),
    );
  }
  const behaviour = options.libseccomp ?? "current";
  const rules = plainRules(document, host, encodeAction(fallback));
  const built = listedAbis(document, host).map(abi => ({ abi, trees: new Map<number | string, RuleTree>() }));
  for (const rule of rules) {
    for (const { abi, trees } of built) {
      withPlace(document, rule, () => addRule(trees, abi, rule, behaviour));
    }
  }
  const abis = new Map<AbiName, AbiFilter>();
  for (const { abi, trees } of built) {
    const highest = hasStub(fallback, options) ? highestNumber(document, host, abi) : 0;
    abis.set(abi.name, abiFilter(abi, trees, fallback, highest));
  }
  return { native: host.abi, abis, unlisted: KILL_THREAD, flags: document.flags };
}

function treeDecision(tree: RuleTree, otherwise: Decision, abi: Abi, number: number): Decision {
  try {
    return tree.decision(otherwise);
  } catch (error) {
    if (!(error instanceof TooManyRules) && !(error instanceof EndlessTree)) throw error;
    const name = syscallByNumber(abi.name, number)?.name ?? `syscall_${number}`;
    const what =
      error instanceof EndlessTree ? "make libseccomp hang" : "combine to more tests than a filter can hold";
    throw new InputError(`the conditions on ${name} ${what}`, {}, { cause: error });
  }
}

function abiFilter(
  abi: Abi,
  trees: Map<number | string, RuleTree>,
  fallback: Action,
  highest: number,
): AbiFilter {
  const otherwise = outcome(encodeAction(fallback));
  const enosys = outcome(encodeAction({ kind: "errno", errno: ENOSYS }));
  const numbers = new Map<number, Decision>();
  for (const [number, tree] of trees) {
    if (typeof number === "number") numbers.set(number, treeDecision(tree, otherwise, abi, number));
  }
  if (highest === 0) return { fallback: otherwise, numbers };
  // setup(2) stands for numbers that an s390 kernel does not know.
  if (abi.name === "s390" || abi.name === "s390x") numbers.set(0, enosys);
  return { fallback: otherwise, numbers, enosysAbove: highest };
}
