import { abiByName, type AbiName } from "../abi/abi.ts";
import { InputError } from "../errors.ts";
import { letsThrough } from "./action.ts";
import type { Condition, Host, ProfileDocument, RuleDocument } from "./document.ts";
import { resolveProfile } from "./resolve.ts";
import { verdict } from "./verdict.ts";

/** A call that a profile denied and that it should let through. */
export interface WantedCall {
  readonly abi: AbiName;
  readonly syscall: string;
  readonly number: number;
  readonly args: readonly bigint[];
}

/** The arguments that rules about a syscall look at. */
function examinedArguments(document: ProfileDocument, name: string): readonly number[] {
  const rules = (document.syscalls ?? []).filter(rule => rule.names.includes(name));
  return [...new Set(rules.flatMap(rule => (rule.args ?? []).map(condition => condition.index)))].sort(
    (a, b) => a - b,
  );
}

function allowRules(document: ProfileDocument, calls: readonly WantedCall[]): RuleDocument[] {
  const plain = new Set<string>();
  const conditional = new Map<string, RuleDocument>();
  for (const { syscall, args } of calls) {
    const indexes = examinedArguments(document, syscall);
    if (indexes.length === 0) {
      plain.add(syscall);
      continue;
    }
    const conditions: Condition[] = indexes.map(index => ({
      index,
      value: args[index] ?? 0n,
      op: "SCMP_CMP_EQ",
    }));
    const key = `${syscall} ${conditions.map(({ index, value }) => `${index}=${value}`).join(" ")}`;
    conditional.set(key, { names: [syscall], action: "SCMP_ACT_ALLOW", args: conditions });
  }
  const rules = [...conditional].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
  return plain.size === 0 ? rules : [{ names: [...plain].sort(), action: "SCMP_ACT_ALLOW" }, ...rules];
}

/** Takes names out of unconditional rules that deny: the first such rule wins, so ours would count for nothing. */
function withoutDenials(rules: readonly RuleDocument[], names: ReadonlySet<string>): RuleDocument[] {
  return rules.flatMap(rule => {
    const denies =
      rule.action !== "SCMP_ACT_ALLOW" && rule.action !== "SCMP_ACT_LOG" && (rule.args ?? []).length === 0;
    if (!denies || !rule.names.some(name => names.has(name))) return [rule];
    const kept = rule.names.filter(name => !names.has(name));
    return kept.length === 0 ? [] : [{ ...rule, names: kept }];
  });
}

/**
 * The profile with some more calls let through. Where its rules look at arguments, only calls with the same arguments
 * are added, otherwise the syscall as a whole.
 * @throws InputError when the result would still deny one of them, for example because its ABI is not listed
 */
export function allowCalls(
  document: ProfileDocument,
  calls: readonly WantedCall[],
  host: Host,
): ProfileDocument {
  const names = new Set(calls.map(call => call.syscall));
  const architectures = document.architectures;
  const wanted = new Set(calls.map(call => abiByName(call.abi)?.scmp).filter(scmp => scmp !== undefined));
  const extended: ProfileDocument = {
    ...document,
    ...(architectures === undefined ? {} : { architectures: [...new Set([...architectures, ...wanted])] }),
    syscalls: [...withoutDenials(document.syscalls ?? [], names), ...allowRules(document, calls)],
  };
  const profile = resolveProfile(extended, host);
  for (const call of calls) {
    if (letsThrough(verdict(profile, call.abi, call.number, call.args))) continue;
    throw new InputError(
      `no rule that could be added lets ${call.syscall} through on ${call.abi}: a rule that is there already decides about it`,
    );
  }
  return extended;
}
