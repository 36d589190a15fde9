import { abiByScmp } from "../../abi/abi.ts";
import type { FieldPath } from "../../json/path.ts";
import type { Condition, ProfileDocument, RuleDocument } from "../document.ts";
import { architecturesFor } from "../host.ts";
import { eachRule, type Found, type LintContext, type LintRule } from "./rule.ts";
import { RUNC_SECCOMP, SECCOMP_RULE_ADD } from "./sources.ts";

type CheckCondition = (condition: Condition, path: FieldPath, context: LintContext) => string | undefined;

function eachCondition(context: LintContext, check: CheckCondition): readonly Found[] {
  return eachRule(context.document, (rule, index) =>
    (rule.args ?? []).flatMap((condition, at) => {
      const path = ["syscalls", index, "args", at];
      const message = check(condition, path, context);
      return message === undefined ? [] : [{ message, path }];
    }),
  );
}

function isMasked(condition: Condition): boolean {
  return condition.op === "SCMP_CMP_MASKED_EQ";
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function mapConditions(
  document: ProfileDocument,
  change: (condition: Condition) => Condition,
): ProfileDocument {
  const syscalls = document.syscalls?.map(
    (rule): RuleDocument => (rule.args === undefined ? rule : { ...rule, args: rule.args.map(change) }),
  );
  return syscalls === undefined ? document : { ...document, syscalls };
}

const repeatedIndex: LintRule = {
  id: "repeated-argument-index",
  severity: "error",
  title: "Two conditions of one rule look at the same argument",
  why: "runc then hands every condition of the rule to libseccomp as a rule of its own: they are alternatives, not requirements. NE 38 together with NE 40 lets everything through.",
  source: RUNC_SECCOMP,
  fix: "Write a range as masks, or as rules of their own; `seccraft merge FILE` shows what the rule really means.",
  check: ({ document }) =>
    eachRule(document, (rule, index) => {
      const indexes = (rule.args ?? []).map(condition => condition.index);
      const repeated = indexes.find((value, at) => indexes.indexOf(value) !== at);
      if (repeated === undefined) return [];
      const message = `argument ${repeated} is named twice, so that any one of the ${indexes.length} conditions suffices`;
      return [{ message, path: ["syscalls", index, "args"] }];
    }),
};

const maskZero: LintRule = {
  id: "mask-zero",
  severity: "error",
  title: "A mask of 0 compares nothing",
  why: "libseccomp drops a masked comparison whose mask is 0. The condition always holds; with no other condition the rule is unconditional.",
  source: SECCOMP_RULE_ADD,
  fix: "Put the mask into `value` and the wanted bits into `valueTwo`, or remove the condition.",
  check: context =>
    eachCondition(context, condition =>
      isMasked(condition) && condition.value === 0n
        ? "the mask (`value`) is 0, so the condition always holds"
        : undefined,
    ),
};

const outsideMask: LintRule = {
  id: "datum-outside-mask",
  severity: "error",
  title: "The datum has bits outside the mask",
  why: "In MASKED_EQ, `value` is the mask and `valueTwo` what the masked argument must equal. libseccomp silently cuts bits outside the mask off the datum; other implementations never match. Most often the two are swapped.",
  source: SECCOMP_RULE_ADD,
  fix: "Swap `value` and `valueTwo` if they were mixed up; otherwise remove the bits outside the mask.",
  check: context =>
    eachCondition(context, condition => {
      const datum = condition.valueTwo ?? 0n;
      const outside = isMasked(condition) && condition.value !== 0n ? datum & ~condition.value : 0n;
      if (outside === 0n) return undefined;
      const swapped = (condition.value & ~datum) === 0n ? "; value and valueTwo look swapped" : "";
      return `valueTwo has bits ${hex(outside)} outside the mask ${hex(condition.value)}${swapped}`;
    }),
};

const unusedValueTwo: LintRule = {
  id: "unused-value-two",
  severity: "warning",
  title: "valueTwo has no meaning with this operator",
  why: "Only MASKED_EQ looks at `valueTwo`. A number there shows that the author had another comparison in mind, a range say, which does not take place.",
  source: SECCOMP_RULE_ADD,
  fix: "Remove `valueTwo`, or use the operator that was meant.",
  check: context =>
    eachCondition(context, condition =>
      !isMasked(condition) && (condition.valueTwo ?? 0n) !== 0n
        ? `valueTwo ${hex(condition.valueTwo ?? 0n)} is ignored by ${condition.op}`
        : undefined,
    ),
  repair: document =>
    mapConditions(document, condition => {
      if (isMasked(condition)) return condition;
      const { valueTwo: _, ...rest } = condition;
      return rest;
    }),
};

const wideValue: LintRule = {
  id: "wide-value-on-32-bit",
  severity: "warning",
  title: "A value has more than 32 bits and a 32-bit architecture is listed",
  why: "On 32-bit ABIs libseccomp compares only the low 32 bits of an argument with the low 32 bits of the value. A value above them means something else there.",
  source: SECCOMP_RULE_ADD,
  fix: "List no 32-bit architecture in this profile, or compare values that fit.",
  check: context => {
    const listed = (architecturesFor(context.document, context.host) ?? []).flatMap(
      name => abiByScmp(name) ?? [],
    );
    const narrow = listed.find(abi => abi.bits === 32);
    if (narrow === undefined) return [];
    return eachCondition(context, condition => {
      const values = [condition.value, isMasked(condition) ? (condition.valueTwo ?? 0n) : 0n];
      const wide = values.find(value => value >> 32n !== 0n);
      return wide === undefined
        ? undefined
        : `${hex(wide)} is cut to ${hex(wide & 0xffff_ffffn)} on ${narrow.scmp}`;
    });
  },
};

/** About conditions on arguments. */
export const ARGUMENT_RULES: readonly LintRule[] = [
  repeatedIndex,
  maskZero,
  outsideMask,
  unusedValueTwo,
  wideValue,
];
