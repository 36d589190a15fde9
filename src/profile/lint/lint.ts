import type { Host, ProfileDocument } from "../document.ts";
import { ACTION_RULES } from "./actions.ts";
import { ARGUMENT_RULES } from "./arguments.ts";
import { CALL_RULES } from "./calls.ts";
import { OVERLAP_RULES } from "./overlaps.ts";
import { RELEASE_RULES } from "./releases.ts";
import { type Audience, contextOf, type Finding, type LintRule, sameMeaning, type Severity } from "./rule.ts";
import { TARGET_RULES } from "./targets.ts";

/** All rules, sorted by id. */
export const LINT_RULES: readonly LintRule[] = [
  ...ARGUMENT_RULES,
  ...ACTION_RULES,
  ...OVERLAP_RULES,
  ...TARGET_RULES,
  ...RELEASE_RULES,
  ...CALL_RULES,
].sort((a, b) => (a.id < b.id ? -1 : 1));

export const SEVERITIES: readonly Severity[] = ["error", "warning", "note"];

/** Somebody's word that what a rule finds in a profile is intended. */
export interface Suppression {
  readonly rule: string;
  readonly reason: string;
}

export interface LintResult {
  readonly findings: readonly Finding[];
  /** Findings that somebody has declared to be intended. */
  readonly suppressed: readonly SuppressedFinding[];
}

export interface SuppressedFinding extends Finding {
  readonly reason: string;
  /** Whether the profile itself says so, in a comment. */
  readonly inline: boolean;
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

/** Applies all rules to a profile as a host and those who read it would take it. */
export function lint(
  document: ProfileDocument,
  host: Host,
  audience: Audience = {},
  suppressions: readonly Suppression[] = [],
): LintResult {
  const context = contextOf(document, host, audience);
  const findings: Finding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const rule of LINT_RULES) {
    for (const found of rule.check(context)) {
      const finding: Finding = {
        rule: rule.id,
        severity: found.severity ?? rule.severity,
        message: found.message,
        path: found.path,
      };
      const inline = inlineReason(document, finding);
      const reason = inline ?? suppressions.find(each => each.rule === rule.id)?.reason;
      if (reason === undefined) findings.push(finding);
      else suppressed.push({ ...finding, reason, inline: inline !== undefined });
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
