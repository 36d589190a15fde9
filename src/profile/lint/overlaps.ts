import { abiByName } from "../../abi/abi.ts";
import { syscallByNumber } from "../../abi/syscalls.ts";
import { InputError } from "../../errors.ts";
import { encodeAction } from "../action.ts";
import { findCall } from "../algebra.ts";
import type { ProfileDocument, RuleDocument } from "../document.ts";
import { FunctionStore } from "../function-store.ts";
import { functionsOf, type ProfileFunctions } from "../functions.ts";
import { ruleApplies } from "../host.ts";
import { plainMeaning } from "../plain-meaning.ts";
import { resolveProfile, ruleActionOf } from "../resolve.ts";
import { eachRule, type Found, type LintContext, type LintRule } from "./rule.ts";
import { LIBSECCOMP_DB } from "./sources.ts";
import { isOlder } from "./versions.ts";

const unusable: LintRule = {
  id: "refused-by-libseccomp",
  severity: "error",
  title: "libseccomp or runc refuses the profile",
  why: "Two rules with one condition and two actions are an error (EEXIST), NOTIFY is refused as the default and on write, and some pairs of comparisons make libseccomp hang. The container does not start.",
  source: LIBSECCOMP_DB,
  fix: "Remove one of the rules, or make their conditions exclude each other.",
  check: ({ refusal }) => {
    if (refusal === undefined) return [];
    const steps = (refusal.place.field ?? "").split(/[.[\]]+/).filter(step => step !== "");
    const path = steps.map(step => (/^\d+$/.test(step) ? Number(step) : step));
    return [{ message: refusal.reason, path }];
  },
};

function isUnconditional(rule: RuleDocument): boolean {
  return (rule.args ?? []).length === 0;
}

const shadowed: LintRule = {
  id: "shadowed-rule",
  severity: "warning",
  title: "A rule has no effect because of another one",
  why: "The first rule without conditions for a syscall is final: later ones are dropped, and conditional ones before it are erased, silently. What the later rule was written for does not happen.",
  source: LIBSECCOMP_DB,
  fix: "Keep one unconditional rule a syscall, or only conditional ones.",
  check: ({ document, host }) => {
    const final = new Map<string, number>();
    for (const [index, rule] of (document.syscalls ?? []).entries()) {
      if (!isUnconditional(rule) || !ruleApplies(rule, host)) continue;
      for (const name of rule.names) if (!final.has(name)) final.set(name, index);
    }
    const isSame = (a: number, b: RuleDocument): boolean => {
      const other = document.syscalls?.[a];
      return other !== undefined && encodeAction(ruleActionOf(other)) === encodeAction(ruleActionOf(b));
    };
    return eachRule(document, (rule, index) => {
      if (!ruleApplies(rule, host)) return [];
      const lost = rule.names.filter(
        name => (final.get(name) ?? index) !== index && !isSame(final.get(name) ?? 0, rule),
      );
      const [first] = lost;
      if (first === undefined) return [];
      const by = final.get(first) ?? 0;
      return [
        {
          message: `for ${lost.join(", ")} rule ${by} without conditions decides alone`,
          path: ["syscalls", index],
        },
      ];
    });
  },
};

function functions(
  document: ProfileDocument,
  context: LintContext,
  before: boolean,
): ProfileFunctions | undefined {
  try {
    const libseccomp = before ? "before-2.6.1" : "current";
    return functionsOf(resolveProfile(document, context.host, { enosysStub: false, libseccomp }), STORE);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

const STORE: FunctionStore = new FunctionStore();

function namesRule(document: ProfileDocument, name: string): number {
  const rules = document.syscalls ?? [];
  const last = rules.findLastIndex(rule => rule.names.includes(name) && !isUnconditional(rule));
  return Math.max(last, 0);
}

const versionDependent: LintRule = {
  id: "libseccomp-version",
  severity: "error",
  title: "The profile means something else before libseccomp 2.6.1",
  why: "Older libseccomp merges inverted comparisons (NE, LT, LE) of 64-bit arguments wrongly, so that the filter answers calls with another rule's action: GHSA-4q85-33p6-j5g6.",
  source: {
    name: "GHSA-4q85-33p6-j5g6",
    url: "https://github.com/seccomp/libseccomp/security/advisories/GHSA-4q85-33p6-j5g6",
  },
  fix: "Write the conditions so that they do not overlap, with EQ and MASKED_EQ: `seccraft merge FILE` does.",
  check: context => {
    const { libseccomp } = context.versions;
    if (libseccomp !== undefined && !isOlder(libseccomp, "2.6.1")) return [];
    const [old, current] = [
      functions(context.document, context, true),
      functions(context.document, context, false),
    ];
    if (old === undefined || current === undefined) return [];
    const call = findCall(old, current, (a, b) => encodeAction(a) !== encodeAction(b));
    if (call === undefined) return [];
    const args = call.args.map(value => `0x${value.toString(16)}`).join(", ");
    const message = `${call.name}(${args}) on ${call.abi} is answered ${call.first.kind} before 2.6.1 and ${call.second.kind} since`;
    return [{ message, path: ["syscalls", namesRule(context.document, call.name)] }];
  },
};

/** Does a rule ask for the value that a function gives somewhere? */
function asked(rules: readonly RuleDocument[], value: number): boolean {
  return rules.some(rule => encodeAction(ruleActionOf(rule)) === value);
}

const weakened: LintRule = {
  id: "merged-rules-let-through",
  severity: "error",
  title: "Merging the rules lets calls through that no rule allows",
  why: "libseccomp merges all rules of a syscall into one tree. Where rules compare with NE, LT, LE, GT or GE and have further conditions, parts of the tree are shared, and the conditions of one rule come to be reached by way of another rule. The filter then answers with a rule's action although none of the rules holds.",
  source: LIBSECCOMP_DB,
  fix: "Write the conditions with EQ and MASKED_EQ, or allow the syscall without conditions.",
  check: context => {
    const current = functions(context.document, context, false);
    if (current === undefined) return [];
    const found: Found[] = [];
    for (const [abi, filter] of current.abis) {
      for (const [number, id] of filter.numbers) {
        const name = syscallByNumber(abi, number)?.name;
        if (
          name === undefined ||
          STORE.constantValue(id) !== undefined ||
          name === "socketcall" ||
          name === "ipc"
        )
          continue;
        const rules = (context.document.syscalls ?? []).filter(
          rule => rule.names.includes(name) && ruleApplies(rule, context.host),
        );
        for (const value of STORE.valuesWith(id, [])) {
          if (STORE.constantValue(filter.fallback) === value || !asked(rules, value)) continue;
          const same = rules.filter(rule => encodeAction(ruleActionOf(rule)) === value);
          const plain = plainMeaning(STORE, same, abiByName(abi)?.bits ?? 64);
          const gives = STORE.select(plain, STORE.constant(-1), id);
          const args = STORE.find(gives, other => other === value);
          if (args === undefined) continue;
          const shown = args.map(arg => `0x${arg.toString(16)}`).join(", ");
          const message = `${name}(${shown}) on ${abi} gets the action of a rule that does not hold for it`;
          found.push({ message, path: ["syscalls", namesRule(context.document, name)] });
        }
      }
    }
    return found.slice(0, 20);
  },
};

/** About rules that get in each other's way. */
export const OVERLAP_RULES: readonly LintRule[] = [unusable, shadowed, versionDependent, weakened];
