import { out as pc } from "./colors.ts";
import { EXIT, type ExitCode, formatPlace, UsageError } from "../errors.ts";
import { looksLikeEvidence } from "../evidence/codec.ts";
import { writeWhole } from "../files.ts";
import { printJson, type Printable } from "../json/print.ts";
import { printSarif, type SarifFinding } from "../output/sarif.ts";
import { type Host, placeOf, type ProfileDocument } from "../profile/document.ts";
import { lint, LINT_RULES, repair, SEVERITIES } from "../profile/lint/lint.ts";
import { type Audience, contextOf, type Severity } from "../profile/lint/rule.ts";
import { parseProfile } from "../profile/parse.ts";
import { printProfile } from "../profile/print.ts";
import { type Score, scoreProfile } from "../profile/score.ts";
import type { LintCliOptions } from "./commands/lint.ts";
import { hostOf } from "./host.ts";
import { type ProfileInput, readInput, readProfileInputs } from "./inputs.ts";
import { audienceOf, type FileSuppression, isAbout, suppressionsOf } from "./lint-options.ts";
import { show, tell, writeOutput } from "./say.ts";

interface Linted {
  readonly file: string;
  readonly findings: readonly SarifFinding[];
  readonly score: Score | undefined;
}

interface Question {
  readonly host: Host;
  readonly audience: Audience;
  readonly suppressions: readonly FileSuppression[];
  readonly options: LintCliOptions;
}

function fixed(file: string, document: ProfileDocument, host: Host): ProfileDocument {
  const text = printProfile(document);
  const better = printProfile(repair(document, host));
  if (better === text) return document;
  writeWhole(file, better);
  tell(`repaired ${file}\n`);
  return parseProfile(better, file);
}

/** Only what is written as it was read can be repaired in its place. */
function repairFile(file: string, host: Host): void {
  if (file === "-") throw new UsageError("--fix repairs files, not standard input");
  const text = readInput(file);
  if (!/^\s*\{/.test(text) || looksLikeEvidence(text)) {
    throw new UsageError(`--fix repairs OCI and Docker profiles alone; ${file} is none`);
  }
  fixed(file, parseProfile(text, file), host);
}

function lintOne(name: string | undefined, input: ProfileInput, question: Question): Linted {
  const { host, audience, suppressions } = question;
  const { document, file } = input;
  const about = suppressions.filter(each => isAbout(each, file));
  const { findings, suppressed } = lint(document, host, audience, about);
  const placed = [...findings, ...suppressed].map((finding): SarifFinding => {
    const place = { file, ...placeOf(document, finding.path) };
    const field = name === undefined ? place.field : `${name}: ${place.field}`;
    return { ...finding, file, place: field === undefined ? place : { ...place, field } };
  });
  const { profile } = contextOf(document, host, audience);
  return {
    file: name === undefined ? file : `${file}#${name}`,
    findings: placed,
    score: profile === undefined ? undefined : scoreProfile(profile),
  };
}

async function lintFile(file: string, question: Question): Promise<Linted[]> {
  const { options, host } = question;
  if (options.fix === true) repairFile(file, host);
  const inputs = await readProfileInputs(file, options.base);
  return inputs.map(({ name, input }) => lintOne(name, input, question));
}

const COLOURS: Readonly<Record<Severity, (text: string) => string>> = {
  error: pc.red,
  warning: pc.yellow,
  note: pc.dim,
};

function showFindings(findings: readonly SarifFinding[]): string {
  const explained = new Set<string>();
  return findings
    .filter(finding => finding.reason === undefined)
    .map(finding => {
      // What to do is said once a rule.
      const first = !explained.has(finding.rule);
      explained.add(finding.rule);
      const fix = LINT_RULES.find(rule => rule.id === finding.rule)?.fix ?? "";
      const head = `${formatPlace(finding.place)}: ${COLOURS[finding.severity](finding.severity)}: ${finding.message}`;
      return `${head} [${finding.rule}]\n${first ? `    ${pc.dim(fix)}\n` : ""}`;
    })
    .join("");
}

function showScore({ file, score }: Linted): string {
  if (score === undefined) return `${file}: no score, since libseccomp refuses it\n`;
  const lines = score.deductions.map(each => `  -${each.points} ${each.reason}\n`);
  return `${file}: ${score.points} of 100 (Docker's default: ${score.dockerDefault})\n${lines.join("")}`;
}

function report(linted: readonly Linted[], options: LintCliOptions): string {
  const findings = linted.flatMap(each => each.findings);
  if (options.format === "sarif") return printSarif(LINT_RULES, findings);
  if (options.format === "json") {
    return printJson({
      seccraft: "lint/1",
      files: linted.map(({ file, findings: found, score }) => ({
        file,
        findings: found.map(({ rule, severity, message, place, reason }) => ({
          rule,
          severity,
          message,
          line: place.line,
          column: place.column,
          field: place.field,
          suppressed: reason,
        })),
        score:
          score === undefined ? null : { ...score, deductions: score.deductions.map(each => ({ ...each })) },
      })),
    });
  }
  const scores = options.score === true ? linted.map(showScore).join("") : "";
  const shown = showFindings(findings);
  return `${shown}${scores}${shown === "" && scores === "" ? "nothing found\n" : ""}`;
}

function printableRules(): Printable {
  const rules = LINT_RULES.map(({ id, severity, title, why, fix, source }) => ({
    id,
    severity,
    title,
    why,
    fix,
    source: source.url,
  }));
  return { seccraft: "lint-rules/1", rules: rules.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/** Lints files. Exit code 1 at or above `--fail-on`. @throws InputError, UsageError */
export async function runLint(files: readonly string[], options: LintCliOptions): Promise<ExitCode> {
  if (options.rules === true) {
    if (options.format === "json") writeOutput(printJson(printableRules()), options.output);
    else
      show(LINT_RULES.map(rule => `${rule.id}: ${rule.title} (${rule.severity})\n`).join(""), options.output);
    return EXIT.ok;
  }
  if (files.length === 0) throw new UsageError("lint needs a file");
  const question = {
    host: hostOf(options),
    audience: audienceOf(options),
    suppressions: suppressionsOf(options),
    options,
  };
  const linted: Linted[] = [];
  for (const file of files) linted.push(...(await lintFile(file, question)));
  if (options.format === "text") show(report(linted, options), options.output);
  else writeOutput(report(linted, options), options.output);
  const worst = SEVERITIES.slice(0, SEVERITIES.indexOf(options.failOn) + 1);
  const failed = linted.some(each =>
    each.findings.some(finding => finding.reason === undefined && worst.includes(finding.severity)),
  );
  return failed ? EXIT.findings : EXIT.ok;
}
