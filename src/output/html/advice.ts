import { formatField } from "../../json/path.ts";
import { LINT_RULES } from "../../profile/lint/lint.ts";
import type { ReportFacts } from "./facts.ts";
import { clipped, html, type Markup } from "./markup.ts";
import { LEVEL_LABELS, LEVELS, levelOf } from "./plots.ts";
import { names, table } from "./sections.ts";
import { GROUP_LABELS } from "./words.ts";
import { plural } from "../../plural.ts";

/** What the code can reach and no run has shown: to be exercised, or to be left out knowingly. */
export function reachable(facts: ReportFacts): Markup {
  if (!facts.runs.some(({ run }) => run.source === "static"))
    return html`<p>No analysis of the program’s code is in this evidence, so what it could do beyond what was seen is not known.</p>`;
  const calls = facts.calls.filter(({ onlyReachable }) => onlyReachable);
  if (calls.length === 0) return html`<p>Everything that the code can reach was seen at work.</p>`;
  const left = calls.filter(({ verdict }) => verdict === "denied");
  const rows = LEVELS.flatMap(level => {
    const members = left.filter(call => levelOf(call) === level);
    if (members.length === 0) return [];
    const purposes = [...new Set(members.flatMap(({ group }) => group ?? []))].map(
      group => GROUP_LABELS[group],
    );
    return [
      [
        LEVEL_LABELS[level],
        members.length,
        names(
          facts,
          members.map(({ name }) => name),
        ),
        purposes.sort().join(", "),
      ],
    ];
  });
  return html`<p>Static analysis finds that the code can reach ${plural(calls.length, "call")} which no run has made; the profile leaves out ${left.length} of them. Exercise what needs one of these, or accept that it will be refused.</p>${
    left.length > 0 &&
    table("Reachable calls that are not allowed", ["risk", "how many", "which", "for what"], rows)
  }`;
}

/** What the linter finds in the profile. */
export function findings(facts: ReportFacts): Markup {
  if (facts.findings.length === 0)
    return html`<p>Nothing: none of ${LINT_RULES.length} rules has a finding.</p>`;
  const rules = new Map(LINT_RULES.map(rule => [rule.id, rule]));
  return table(
    "Lint findings",
    ["severity", "finding", "where", "what to do"],
    facts.findings.map(({ rule, severity, message, path }) => [
      severity,
      html`${clipped(message)} <small>${rule}</small>`,
      html`<code>${clipped(formatField(path))}</code>`,
      rules.get(rule)?.fix,
    ]),
  );
}
