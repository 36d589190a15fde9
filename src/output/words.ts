import { abiByName, type AbiName } from "../abi/abi.ts";
import { describeArgument } from "../abi/arguments.ts";
import { syscallByName } from "../abi/syscalls.ts";
import { decodeAction, letsThrough } from "../profile/action.ts";
import { rulesFor } from "../profile/conditions.ts";
import type { Condition, OperatorName } from "../profile/document.ts";
import { type FunctionId, type FunctionStore, TooComplex } from "../profile/function-store.ts";

const SIGNS: Readonly<Record<OperatorName, string>> = {
  SCMP_CMP_NE: "≠",
  SCMP_CMP_LT: "<",
  SCMP_CMP_LE: "≤",
  SCMP_CMP_EQ: "=",
  SCMP_CMP_GE: "≥",
  SCMP_CMP_GT: ">",
  SCMP_CMP_MASKED_EQ: "=",
};

/** A condition in words: `domain = AF_INET`, `flags without CLONE_NEWUSER`. */
function describeCondition(abi: AbiName, name: string, condition: Condition): string {
  const argument = syscallByName(abi, name)?.args?.[condition.index] ?? `argument ${condition.index}`;
  const value = (of: bigint): string => describeArgument(abi, name, condition.index, of);
  if (condition.op !== "SCMP_CMP_MASKED_EQ")
    return `${argument} ${SIGNS[condition.op]} ${value(condition.value)}`;
  const datum = condition.valueTwo ?? 0n;
  if (datum === 0n) return `${argument} without ${value(condition.value)}`;
  return `${argument} & 0x${condition.value.toString(16)} = ${value(datum)}`;
}

function opens(value: number): boolean {
  return letsThrough(decodeAction(value));
}

/** For which arguments a call is let through: `always`, `never`, or alternatives of conditions. */
export function describeFunction(store: FunctionStore, id: FunctionId, abi: AbiName, name: string): string {
  const constant = store.constantValue(id);
  if (constant !== undefined) return opens(constant) ? "always" : "never";
  try {
    const bits = abiByName(abi)?.bits ?? 64;
    const rules = rulesFor(store, id, store.constant(-1), bits, "readable").filter(rule =>
      opens(rule.action),
    );
    const texts = rules.map(rule =>
      rule.conditions.map(each => describeCondition(abi, name, each)).join(" and "),
    );
    return `when ${texts.slice(0, 6).join(", or ")}${texts.length > 6 ? `, or ${texts.length - 6} more` : ""}`;
  } catch (error) {
    if (!(error instanceof TooComplex)) throw error;
    return "for some arguments";
  }
}
