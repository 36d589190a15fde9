import { encodeAction, letsThrough } from "../action.ts";
import type { ActionName, ProfileDocument } from "../document.ts";
import { errnoNumber } from "../errno.ts";
import { defaultActionOf, ruleActionOf } from "../resolve.ts";
import { eachRule, type LintRule } from "./rule.ts";
import { OCI_SPEC, RUNC_SECCOMP, SECCOMP_2 } from "./sources.ts";

function takesNumber(action: ActionName): boolean {
  return action === "SCMP_ACT_ERRNO" || action === "SCMP_ACT_TRACE";
}

function isZero(action: ActionName, errnoRet: number | undefined, errno: string | undefined): boolean {
  return (
    action === "SCMP_ACT_ERRNO" && ((errno === undefined ? undefined : errnoNumber(errno)) ?? errnoRet) === 0
  );
}

const errnoZero: LintRule = {
  id: "errno-zero",
  severity: "warning",
  title: "A call is answered with errno 0",
  why: "The kernel does not carry the call out and tells the program that it succeeded. Programs then go on with results that do not exist. Rarely is that wanted.",
  source: SECCOMP_2,
  fix: "Give the errno that programs expect: 1 (EPERM), or 38 (ENOSYS) where the C library knows an older call.",
  check: ({ document }) => {
    const fallback = isZero(document.defaultAction, document.defaultErrnoRet, document.defaultErrno)
      ? [{ message: "the default answers 0: denied calls seem to succeed", path: ["defaultErrnoRet"] }]
      : [];
    const rules = eachRule(document, (rule, index) =>
      isZero(rule.action, rule.errnoRet, rule.errno)
        ? [
            {
              message: `${rule.names[0]} seems to succeed without being carried out`,
              path: ["syscalls", index, "errnoRet"],
            },
          ]
        : [],
    );
    return [...fallback, ...rules];
  },
};

const errnoIgnored: LintRule = {
  id: "errno-ignored",
  severity: "warning",
  title: "errnoRet has no meaning with this action",
  why: "Only ERRNO and TRACE have a number. An errno beside another action shows that another action was meant; containerd and crun refuse some of these combinations.",
  source: OCI_SPEC,
  fix: "Remove `errnoRet`, or make the action SCMP_ACT_ERRNO.",
  check: ({ document }) => {
    const fallback =
      document.defaultErrnoRet !== undefined && !takesNumber(document.defaultAction)
        ? [{ message: `${document.defaultAction} ignores defaultErrnoRet`, path: ["defaultErrnoRet"] }]
        : [];
    const rules = eachRule(document, (rule, index) =>
      rule.errnoRet !== undefined && !takesNumber(rule.action)
        ? [{ message: `${rule.action} ignores errnoRet`, path: ["syscalls", index, "errnoRet"] }]
        : [],
    );
    return [...fallback, ...rules];
  },
  repair: document => {
    const { defaultErrnoRet, ...rest } = document;
    const syscalls = document.syscalls?.map(rule => {
      if (takesNumber(rule.action)) return rule;
      const { errnoRet: _, ...plain } = rule;
      return plain;
    });
    const keeps = defaultErrnoRet !== undefined && takesNumber(document.defaultAction);
    return {
      ...rest,
      ...(keeps ? { defaultErrnoRet } : {}),
      ...(syscalls === undefined ? {} : { syscalls }),
    };
  },
};

const sameAsDefault: LintRule = {
  id: "same-as-default",
  severity: "note",
  title: "A rule answers as the default does",
  why: "runc leaves such a rule out. It does nothing, and it does not take anything away from other rules either.",
  source: RUNC_SECCOMP,
  fix: "Remove the rule.",
  check: ({ document }) => {
    const fallback = encodeAction(defaultActionOf(document));
    return eachRule(document, (rule, index) =>
      encodeAction(ruleActionOf(rule)) === fallback
        ? [
            {
              message: `the rule for ${rule.names[0]} does what the default does and is left out`,
              path: ["syscalls", index],
            },
          ]
        : [],
    );
  },
};

const defaultAllows: LintRule = {
  id: "default-allows",
  severity: "warning",
  title: "The default lets calls through",
  why: "A list of what is forbidden is never complete: every kernel brings new calls, and each is allowed until somebody thinks of it. On 32-bit and x32 ABIs other numbers reach the same code.",
  source: OCI_SPEC,
  fix: "Deny by default and allow what the workload needs: `seccraft craft` finds it out.",
  check: ({ document }) =>
    letsThrough(defaultActionOf(document))
      ? [
          {
            message: `${document.defaultAction} lets every call through that no rule names`,
            path: ["defaultAction"],
          },
        ]
      : [],
};

const nothingAllowed: LintRule = {
  id: "nothing-allowed",
  severity: "error",
  title: "No call at all is allowed",
  why: "The default denies and no rule of the profile lets a call through on this host: the container cannot even start. Rules may be there and be left out, by includes and excludes, or by names that no kernel knows.",
  source: OCI_SPEC,
  fix: "Check the names of the calls, and for which host and capabilities the rules apply.",
  check: ({ profile }) => {
    if (profile === undefined) return [];
    const opens = [...profile.abis.values()].some(
      filter =>
        filter.numbers.size > 0 ||
        (filter.fallback.kind === "return" && filter.fallback.value >= 0x7ffc_0000),
    );
    return opens
      ? []
      : [{ message: "no rule is left that lets anything through on this host", path: ["syscalls"] }];
  },
};

const duplicateName: LintRule = {
  id: "duplicate-name",
  severity: "note",
  title: "A name is given twice in one rule",
  why: "It changes nothing, and makes the profile harder to review.",
  source: OCI_SPEC,
  fix: "Remove the second one.",
  check: ({ document }) =>
    eachRule(document, (rule, index) => {
      const twice = rule.names.findIndex((name, at) => rule.names.indexOf(name) !== at);
      if (twice === -1) return [];
      return [{ message: `${rule.names[twice]} is named twice`, path: ["syscalls", index, "names", twice] }];
    }),
  repair: (document): ProfileDocument => {
    const syscalls = document.syscalls?.map(rule => ({ ...rule, names: [...new Set(rule.names)] }));
    return syscalls === undefined ? document : { ...document, syscalls };
  },
};

/** About actions and what a profile comes to as a whole. */
export const ACTION_RULES: readonly LintRule[] = [
  errnoZero,
  errnoIgnored,
  sameAsDefault,
  defaultAllows,
  nothingAllowed,
  duplicateName,
];
