import { groupOf, groups } from "../abi/groups.ts";
import { riskOf } from "../abi/risk.ts";
import type { AbiName } from "../abi/abi.ts";
import { type Syscall, syscallByName, syscallsOf } from "../abi/syscalls.ts";
import type { Printable } from "../json/print.ts";
import { decodeAction, letsThrough } from "../profile/action.ts";
import type { Reason } from "../profile/derive.ts";
import { functionFor, type ProfileFunctions } from "../profile/functions.ts";
import { describeReasons } from "../profile/provenance.ts";
import { printableAction, showAction } from "./calls.ts";
import { describeFunction } from "./words.ts";

/** Why calls are allowed, where evidence says it. */
export type Provenance = ReadonlyMap<string, readonly Reason[]>;

interface Answers {
  readonly always: string[];
  readonly sometimes: string[];
  readonly never: string[];
}

function answersOf(profile: ProfileFunctions): ReadonlyMap<string, string> {
  const { native, store } = profile;
  return new Map(
    syscallsOf(native).map(({ name, number }) => [
      name,
      describeFunction(store, functionFor(profile, native, number), native, name),
    ]),
  );
}

function sortOut(answers: ReadonlyMap<string, string>): Map<string, Answers> {
  const sorted = new Map<string, Answers>();
  for (const [name, answer] of answers) {
    const group = groupOf(name) ?? "other";
    const known = sorted.get(group) ?? { always: [], sometimes: [], never: [] };
    if (answer === "always") known.always.push(name);
    else if (answer === "never") known.never.push(name);
    else known.sometimes.push(`${name} ${answer}`);
    sorted.set(group, known);
  }
  return sorted;
}

function deniedAs(profile: ProfileFunctions): string {
  const fallback = profile.abis.get(profile.native)?.fallback;
  const value = fallback === undefined ? undefined : profile.store.constantValue(fallback);
  return value === undefined ? "?" : showAction(decodeAction(value));
}

/** A profile in words: what it lets through and stops on its native ABI, by group, and the risks it takes. */
export function explainProfile(profile: ProfileFunctions, provenance: Provenance | undefined): string {
  const answers = answersOf(profile);
  const sorted = sortOut(answers);
  const open = [...answers].filter(([, answer]) => answer !== "never").map(([name]) => name);
  const lines = [
    `${open.length} of ${answers.size} calls of ${profile.native} are let through; whatever no rule names is answered ${deniedAs(profile)}.`,
    `ABIs: ${[...profile.abis.keys()].join(", ")}; calls on any other are answered ${showAction(profile.unlisted)}.`,
    "",
  ];
  for (const group of groups()) {
    const of = sorted.get(group);
    if (of === undefined) continue;
    const total = of.always.length + of.sometimes.length + of.never.length;
    lines.push(`${group}: ${of.always.length + of.sometimes.length} of ${total}`);
    if (of.always.length > 0) lines.push(`  allowed: ${of.always.sort().join(" ")}`);
    for (const each of of.sometimes.sort()) lines.push(`  allowed: ${each}`);
  }
  const risks = open.filter(name => riskOf(name)?.level === "high").sort();
  lines.push("", risks.length === 0 ? "No call of high risk is let through." : "Of high risk:");
  for (const name of risks)
    lines.push(`  ${name}: ${riskOf(name)?.why ?? ""} ${riskOf(name)?.source.url ?? ""}`);
  if (provenance !== undefined) {
    lines.push("", "Why each call is there:");
    for (const [name, reasons] of provenance) lines.push(`  ${name}: ${describeReasons(reasons)}`);
  }
  return `${lines.join("\n")}\n`;
}

function pathLines(reasons: readonly Reason[]): string[] {
  const observations = reasons.flatMap(reason => (reason.kind === "observed" ? [reason.observation] : []));
  const paths = observations.filter(seen => seen.path !== undefined).slice(0, 3);
  return paths.map(seen => {
    const steps = (seen.path ?? []).map(
      step => step.function ?? `${step.file}${step.address === undefined ? "" : `+${step.address}`}`,
    );
    return `  call path: ${steps.join(" → ")}`;
  });
}

/** What a profile answers to calls, for scripts (schema/explain-1.json): all of its native ABI, or one on every ABI. */
export function printableExplanation(
  profile: ProfileFunctions,
  provenance: Provenance | undefined,
  name?: string,
): Printable {
  const abis = name === undefined ? [profile.native] : [...profile.abis.keys()];
  const calls = abis.flatMap(abi => {
    const one = name === undefined ? undefined : syscallByName(abi, name);
    const asked = name === undefined ? [...syscallsOf(abi)] : one === undefined ? [] : [one];
    return asked.map(call => printableAnswer(profile, abi, call, provenance));
  });
  return { seccraft: "explain/1", abis: [...profile.abis.keys()], calls };
}

function printableAnswer(
  profile: ProfileFunctions,
  abi: AbiName,
  { name, number, args, since }: Syscall,
  provenance: Provenance | undefined,
): Printable {
  const id = functionFor(profile, abi, number);
  const actions = profile.store.valuesWith(id, []).map(decodeAction);
  const reasons = provenance?.get(name);
  const risk = riskOf(name);
  return {
    syscall: name,
    abi,
    number,
    args: args ?? null,
    allowed: describeFunction(profile.store, id, abi, name),
    denied: actions.filter(action => !letsThrough(action)).map(printableAction),
    group: groupOf(name) ?? null,
    since: since ?? null,
    risk: risk === undefined ? null : { level: risk.level, why: risk.why, source: risk.source.url },
    why: reasons === undefined ? null : describeReasons(reasons),
  };
}

/** One call in words, on every ABI of the profile that has it. Undefined when none has. */
export function explainCall(
  profile: ProfileFunctions,
  name: string,
  provenance: Provenance | undefined,
): string | undefined {
  const lines = [...profile.abis.keys()].flatMap(abi => {
    const call = syscallByName(abi, name);
    if (call === undefined) return [];
    const id = functionFor(profile, abi, call.number);
    const denials = profile.store
      .valuesWith(id, [])
      .map(decodeAction)
      .filter(action => !letsThrough(action));
    const otherwise = denials.length === 0 ? "" : `, else ${denials.map(showAction).join(" or ")}`;
    const args = call.args === undefined ? "" : `(${call.args.join(", ")})`;
    return [
      `${name}${args} on ${abi}, number ${call.number}: allowed ${describeFunction(profile.store, id, abi, name)}${otherwise}`,
    ];
  });
  if (lines.length === 0) return undefined;
  const since = syscallByName(profile.native, name)?.since;
  lines.push(`  for: ${groupOf(name) ?? "unknown"}${since === undefined ? "" : `; since Linux ${since}`}`);
  const risk = riskOf(name);
  if (risk !== undefined) lines.push(`  ${risk.level} risk: ${risk.why} ${risk.source.url}`);
  const reasons = provenance?.get(name);
  if (reasons !== undefined) lines.push(`  why: ${describeReasons(reasons)}`, ...pathLines(reasons));
  return `${lines.join("\n")}\n`;
}
