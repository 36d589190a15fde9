import type { Host, ProfileDocument } from "../document.ts";
import { ACTION_RULES } from "./actions.ts";
import { ARGUMENT_RULES } from "./arguments.ts";
import { CALL_RULES } from "./calls.ts";
import { OVERLAP_RULES } from "./overlaps.ts";
import {
  contextOf,
  type Finding,
  type LintRule,
  type LintTarget,
  sameMeaning,
  type Severity,
} from "./rule.ts";
import { TARGET_RULES } from "./targets.ts";

/** All rules, sorted by id. */
export const LINT_RULES: readonly LintRule[] = [
  ...ARGUMENT_RULES,
  ...ACTION_RULES,
  ...OVERLAP_RULES,
  ...TARGET_RULES,
  ...CALL_RULES,
].sort((a, b) => (a.id < b.id ? -1 : 1));

export const SEVERITIES: readonly Severity[] = ["error", "warning", "note"];

/** Why a finding is not reported: rule by rule, with the reason that somebody gave. */
export type Suppressions = ReadonlyMap<string, string>;

export interface LintResult {
  readonly findings: readonly Finding[];
  /** Findings that somebody has declared to be intended, each with the reason. */
  readonly suppressed: readonly (Finding & { readonly reason: string })[];
}

const INLINE = /seccraft-ignore\s+([a-z0-9-]+):\s*(\S.*)/g;

/** The reason that a rule's comment gives for ignoring a finding, `seccraft-ignore RULE: REASON`. */
function inlineReason(document: ProfileDocument, finding: Finding): string | undefined {
  const [list, index] = finding.path;
  const comment =
    list === "syscalls" && typeof index === "number" ? document.syscalls?.[index]?.comment : undefined;
  for (const [, id, reason] of (comment ?? "").matchAll(INLINE)) {
    if (id === finding.rule) return reason;
  }
  return undefined;
}

function weight(finding: Finding): number {
  return SEVERITIES.indexOf(finding.severity);
}

/** Applies all rules to a profile as a host and a target would read it. */
export function lint(
  document: ProfileDocument,
  host: Host,
  target?: LintTarget,
  suppressions: Suppressions = new Map(),
): LintResult {
  const context = contextOf(document, host, target);
  const findings: Finding[] = [];
  const suppressed: (Finding & { reason: string })[] = [];
  for (const rule of LINT_RULES) {
    for (const found of rule.check(context)) {
      const finding: Finding = {
        rule: rule.id,
        severity: found.severity ?? rule.severity,
        message: found.message,
        path: found.path,
      };
      const reason = inlineReason(document, finding) ?? suppressions.get(rule.id);
      if (reason === undefined) findings.push(finding);
      else suppressed.push({ ...finding, reason });
    }
  }
  findings.sort((a, b) => weight(a) - weight(b));
  return { findings, suppressed };
}

/** The document with everything repaired that can be without changing what it means on the host. */
export function repair(document: ProfileDocument, host: Host): ProfileDocument {
  let repaired = document;
  for (const rule of LINT_RULES) {
    const next = rule.repair?.(repaired);
    if (next !== undefined && sameMeaning(next, repaired, host)) repaired = next;
  }
  return repaired;
}
