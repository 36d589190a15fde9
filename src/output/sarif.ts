import type { Place } from "../errors.ts";
import { printJson, type Printable } from "../json/print.ts";
import type { Finding, LintRule, Severity } from "../profile/lint/rule.ts";
import { VERSION } from "../version.ts";

const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  error: "error",
  warning: "warning",
  note: "note",
};

export interface SarifFinding extends Finding {
  readonly file: string;
  readonly place: Place;
  /** The reason that somebody gave for ignoring it. */
  readonly reason?: string;
  /** Whether that stands in the file itself. */
  readonly inline?: boolean;
}

function rule({ id, title, why, fix, source, severity }: LintRule): Printable {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: `${fix}\nSource: ${source.name}, ${source.url}` },
    helpUri: source.url,
    defaultConfiguration: { level: LEVELS[severity] },
  };
}

function uri(file: string): string {
  return file.split("/").map(encodeURIComponent).join("/");
}

function result(finding: SarifFinding, rules: readonly LintRule[]): Printable {
  const { line, column, field } = finding.place;
  return {
    ruleId: finding.rule,
    ruleIndex: rules.findIndex(each => each.id === finding.rule),
    level: LEVELS[finding.severity],
    message: { text: finding.message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uri(finding.file) },
          region: line === undefined ? undefined : { startLine: line, startColumn: column },
        },
        logicalLocations: field === undefined || field === "" ? undefined : [{ fullyQualifiedName: field }],
      },
    ],
    suppressions:
      finding.reason === undefined
        ? undefined
        : [{ kind: finding.inline === true ? "inSource" : "external", justification: finding.reason }],
  };
}

/** Findings as a SARIF 2.1.0 log, for code scanning (OASIS, sarif-v2.1.0). */
export function printSarif(rules: readonly LintRule[], findings: readonly SarifFinding[]): string {
  return printJson({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "seccraft", version: VERSION, rules: rules.map(rule) } },
        results: findings.map(finding => result(finding, rules)),
        columnKind: "utf16CodeUnits",
      },
    ],
  });
}
