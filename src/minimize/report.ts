import type { AbiName } from "../abi/abi.ts";
import { CONFIDENCE } from "./flakiness.ts";
import type { Finding, MinimizeReport, UnitClass } from "./result.ts";
import { describeUnit } from "./units.ts";

const TITLES: Readonly<Record<UnitClass, string>> = {
  required: "required: it fails without",
  optional: "optional: it makes these calls, and works without",
  unused: "unused",
  kept: "kept without trying, for the container runtime, a program's end or --keep",
  undecided: "undecided, therefore allowed",
};

/** What a search found, in plain text. */
export function printReport(report: MinimizeReport, abi: AbiName): string {
  const { findings, uses, units } = report;
  const sections = [
    headline(report),
    ...(["required", "optional"] as const).map(kind => section(kind, [...findings], abi)),
    uses.length === 0 ? "" : usesSection(uses, abi),
    short("kept", findings),
    short("undecided", findings),
    countUnused(findings),
    report.notes.map(note => `note: ${note}`).join("\n"),
    proofLine(report, units.length),
  ];
  return `${sections.filter(text => text !== "").join("\n\n")}\n`;
}

function headline({ findings, runs, searchRuns, complete }: MinimizeReport): string {
  const required = findings.filter(finding => finding.class === "required").length;
  const rest = complete ? "" : " (ended before the search did)";
  return `${required} of ${findings.length} syscalls are required, found in ${runs} runs, ${searchRuns} of them to search${rest}`;
}

function section(kind: UnitClass, findings: readonly Finding[], abi: AbiName): string {
  const mine = findings.filter(finding => finding.class === kind);
  if (mine.length === 0) return "";
  return [`${TITLES[kind]} (${mine.length})`, ...mine.map(finding => line(finding, abi))].join("\n");
}

function usesSection(uses: readonly Finding[], abi: AbiName): string {
  const needed = uses.filter(use => use.class === "required" || use.class === "undecided");
  return [
    `arguments: ${needed.length} of ${uses.length} uses are required`,
    ...needed.map(use => line(use, abi)),
  ].join("\n");
}

function line(finding: Finding, abi: AbiName): string {
  const run = finding.run === undefined ? "" : `  run ${finding.run}`;
  const effects = finding.effects.length === 0 ? "" : `: ${finding.effects.join("; ")}`;
  const instead =
    finding.instead.length === 0
      ? ""
      : finding.class === "required"
        ? `; tries ${finding.instead.join(", ")} instead, denied as well`
        : `; ${finding.instead.join(" or ")} will do`;
  return `  ${describeUnit(finding.unit, abi)}${run}${effects}${instead}`;
}

function short(kind: UnitClass, findings: readonly Finding[]): string {
  const names = findings.filter(finding => finding.class === kind).map(({ unit }) => unit);
  return names.length === 0 ? "" : `${TITLES[kind]}: ${names.join(" ")}`;
}

function countUnused(findings: readonly Finding[]): string {
  const count = findings.filter(finding => finding.class === "unused").length;
  return count === 0 ? "" : `unused: ${count} that it was never seen to call`;
}

function proofLine({ finalRuns, flakiness }: MinimizeReport, allowed: number): string {
  const worked = finalRuns.filter(run => run.works).length;
  const chance =
    flakiness === undefined
      ? ""
      : `; it fails at random (${flakiness.failures} of ${flakiness.runs} runs), each failure was seen ${flakiness.failuresNeeded} times, which makes the classes right with ${CONFIDENCE * 100} % confidence`;
  return `enforced: with these ${allowed} allowed it worked in ${worked} of ${finalRuns.length} runs under the real filter${chance}`;
}

/** The same for programs: stable field names, syscalls sorted. */
export function reportAsJson(report: MinimizeReport): string {
  const { complete, findings, uses, units, runs, searchRuns, finalRuns, flakiness, notes } = report;
  const value = {
    seccraft: "minimize-report/1",
    complete,
    allowed: units,
    runs,
    searchRuns,
    flakiness: flakiness ?? null,
    enforced: { runs: finalRuns.length, worked: finalRuns.filter(run => run.works).length },
    findings,
    uses,
    notes,
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
