import type { Condition, RuleDocument } from "./document.ts";
import type { FunctionStore } from "./function-store.ts";

/**
 * A function that is 1 where at least one of the rules matches and 0 elsewhere, by the plain meaning of their
 * conditions: what libseccomp makes of rules that overlap is left aside.
 */
export function plainMeaning(store: FunctionStore, rules: readonly RuleDocument[], bits: 32 | 64): number {
  const [yes, no] = [store.constant(1), store.constant(0)];
  const not = (id: number): number => store.select(id, no, yes);
  const one = (condition: Condition): number => {
    const range = { argument: condition.index, lowest: 0, width: bits };
    const all = (1n << BigInt(bits)) - 1n;
    const value = condition.value & all;
    const compare = (operator: "eq" | "gt" | "ge"): number => store.comparison(range, operator, all, value);
    switch (condition.op) {
      case "SCMP_CMP_EQ":
        return compare("eq");
      case "SCMP_CMP_NE":
        return not(compare("eq"));
      case "SCMP_CMP_GT":
        return compare("gt");
      case "SCMP_CMP_LE":
        return not(compare("gt"));
      case "SCMP_CMP_GE":
        return compare("ge");
      case "SCMP_CMP_LT":
        return not(compare("ge"));
      case "SCMP_CMP_MASKED_EQ":
        return store.comparison(range, "eq", value, (condition.valueTwo ?? 0n) & value);
    }
  };
  return rules.reduce((any, rule) => {
    const conditions = rule.args ?? [];
    const repeated = new Set(conditions.map(condition => condition.index)).size < conditions.length;
    const ids = conditions.map(one);
    const rest = repeated
      ? ids.reduce((sum, id) => store.select(sum, yes, id), no)
      : ids.reduce((sum, id) => store.select(sum, id, no), yes);
    return store.select(any, yes, rest);
  }, no);
}
