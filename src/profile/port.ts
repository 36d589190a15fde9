import { type Abi, abiByName, type AbiName } from "../abi/abi.ts";
import { riskOf } from "../abi/risk.ts";
import { syscallByName } from "../abi/syscalls.ts";
import { newerTwinsOf, olderTwinsOf, type Twin } from "../abi/twins.ts";
import { InputError } from "../errors.ts";
import { encodeAction, letsThrough } from "./action.ts";
import { placeOf, type PlainProfile, type ProfileDocument, type RuleDocument } from "./document.ts";
import { defaultActionOf, isSyscallName, ruleActionOf } from "./resolve.ts";

/** Something that porting changed, with the reason. */
export interface PortNote {
  readonly kind: "replaced" | "dropped" | "added" | "answered-enosys";
  readonly name: string;
  /** What takes its place, or for whose sake it was added. */
  readonly by?: string;
  readonly reason: string;
}

export interface Ported {
  readonly document: ProfileDocument;
  readonly notes: readonly PortNote[];
}

function has(abi: AbiName, name: string): boolean {
  return syscallByName(abi, name) !== undefined;
}

function fallbackLast(twin: Twin): number {
  return twin.fallback === undefined ? 0 : 1;
}

/** The call that does the same work on an ABI that lacks one: the plain twin before those with a fallback. */
function replacement(abi: AbiName, name: string, seen: ReadonlySet<string> = new Set()): Twin | undefined {
  const twins = [...newerTwinsOf(name), ...olderTwinsOf(name).map(swap)];
  const sorted = twins
    .filter(twin => !seen.has(twin.newer))
    .sort((a, b) => fallbackLast(a) - fallbackLast(b));
  const direct = sorted.find(twin => has(abi, twin.newer));
  if (direct !== undefined) return direct;
  for (const twin of sorted) {
    const further = replacement(abi, twin.newer, new Set([...seen, name, twin.newer]));
    if (further !== undefined) return { ...further, older: name };
  }
  return undefined;
}

function swap(twin: Twin): Twin {
  return { ...twin, older: twin.newer, newer: twin.older };
}

function checkArguments(
  document: ProfileDocument,
  rule: RuleDocument,
  index: number,
  name: string,
  from: Abi,
  to: Abi,
): void {
  for (const [at, condition] of (rule.args ?? []).entries()) {
    const [before, after] = [from, to].map(abi => syscallByName(abi.name, name)?.args?.[condition.index]);
    if (before === after && before !== undefined) continue;
    const shown = after === undefined ? "another one or none" : after;
    throw new InputError(
      `argument ${condition.index} of ${name} is ${before ?? "unknown"} on ${from.name} and ${shown} on ${to.name}`,
      placeOf(document, ["syscalls", index, "args", at]),
    );
  }
}

/**
 * A plain profile for another ABI. Calls that it lacks give way to those that do the same work there.
 * @throws InputError where a condition on arguments would mean something else, or nothing
 */
export function portProfile(document: PlainProfile, from: AbiName, to: AbiName): Ported {
  const [source, goal] = [abiByName(from), abiByName(to)];
  if (source === undefined || goal === undefined)
    throw new InputError(`unknown ABI ${source === undefined ? from : to}`);
  const notes: PortNote[] = [];
  const syscalls = (document.syscalls ?? []).flatMap((rule, index): RuleDocument[] => {
    const names = new Set<string>();
    for (const name of rule.names) {
      if (has(to, name)) {
        checkArguments(document, rule, index, name, source, goal);
        names.add(name);
        continue;
      }
      const twin = replacement(to, name);
      if (twin === undefined) {
        const reason = isSyscallName(name) ? `${to} has neither it nor a twin of it` : "it is no syscall";
        notes.push({ kind: "dropped", name, reason });
      } else if ((rule.args ?? []).length > 0) {
        throw new InputError(
          `${to} has ${twin.newer} instead of ${name}, whose arguments are others: its conditions cannot be ported`,
          placeOf(document, ["syscalls", index]),
        );
      } else {
        notes.push({ kind: "replaced", name, by: twin.newer, reason: twin.reason });
        names.add(twin.newer);
      }
    }
    return names.size === 0 ? [] : [{ ...rule, names: [...names].sort() }];
  });
  return { document: { ...document, architectures: [goal.scmp], syscalls }, notes };
}

/**
 * Makes a profile last when the C library or the kernel changes: twins of allowed calls that a library falls back
 * from are allowed too, those with a known risk answer ENOSYS instead, so that the library falls back.
 */
export function libcSafe(document: PlainProfile, abi: AbiName): Ported {
  const fallback = defaultActionOf(document);
  const rules = document.syscalls ?? [];
  const named = new Set(rules.flatMap(rule => rule.names));
  const plain = rules.filter(rule => (rule.args ?? []).length === 0 && letsThrough(ruleActionOf(rule)));
  const notes: PortNote[] = [];
  const [added, refused] = [new Set<string>(), new Set<string>()];
  if (!letsThrough(fallback)) {
    for (const name of [...new Set(plain.flatMap(rule => rule.names))].sort()) {
      for (const { newer, reason, fallback: way } of newerTwinsOf(name)) {
        if (
          way === undefined ||
          named.has(newer) ||
          added.has(newer) ||
          refused.has(newer) ||
          !has(abi, newer)
        )
          continue;
        const risk = riskOf(newer);
        if (risk === undefined) {
          added.add(newer);
          notes.push({ kind: "added", name: newer, by: name, reason: `${way.by} tries it first: ${reason}` });
        } else {
          refused.add(newer);
          notes.push({
            kind: "answered-enosys",
            name: newer,
            by: name,
            reason: `${way.by} falls back on it; ${risk.why}`,
          });
        }
      }
    }
  }
  const enosys = encodeAction(fallback) === encodeAction({ kind: "errno", errno: 38 });
  const extra: RuleDocument[] = [
    ...(added.size === 0 ? [] : [{ names: [...added].sort(), action: "SCMP_ACT_ALLOW" as const }]),
    ...(refused.size === 0 || enosys
      ? []
      : [{ names: [...refused].sort(), action: "SCMP_ACT_ERRNO" as const, errnoRet: 38 }]),
  ];
  return { document: { ...document, syscalls: [...rules, ...extra] }, notes };
}
