import path from "node:path";
import process from "node:process";
import { EXIT, type ExitCode, InputError, UsageError } from "../errors.ts";
import { parseEvidence } from "../evidence/codec.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence } from "../evidence/model.ts";
import { printJson } from "../json/print.ts";
import { printableUncovered, printUncovered, printUncoveredMarkdown } from "../output/coverage.ts";
import { uncovered } from "../profile/coverage.ts";
import { functionsOf } from "../profile/functions.ts";
import { resolveProfile } from "../profile/resolve.ts";
import { analyzeAll } from "../static/parallel.ts";
import { TOOL } from "../version.ts";
import type { CheckCliOptions } from "./commands/check.ts";
import { hostOf } from "./host.ts";
import { readInput, readProfileInput, writeOutput } from "./inputs.ts";

async function gather(options: CheckCliOptions): Promise<Evidence> {
  const parts: Evidence[] = [];
  for (const file of options.evidence) parts.push(await parseEvidence(readInput(file), file));
  if (options.binary.length > 0) {
    const root = path.resolve(options.root);
    const files = root === "/" ? options.binary.map(file => path.resolve(file)) : options.binary;
    const question = {
      root,
      hints: { dlopen: [], resolve: new Map() },
      assumeExec: [],
      phases: false,
      tool: TOOL,
    };
    const reports = await analyzeAll(files, question, { cache: true });
    parts.push(...reports.map(report => report.evidence));
  }
  return joinEvidence(...parts);
}

/** Exit code 1 when the profile stops something. @throws InputError, UsageError */
export async function runCheck(options: CheckCliOptions): Promise<ExitCode> {
  if (options.image !== undefined) {
    throw new UsageError(
      `check cannot read images yet; unpack ${options.image} into a folder and use --root FOLDER --binary PROGRAM`,
    );
  }
  if (options.evidence.length + options.binary.length === 0) {
    throw new UsageError("check needs --evidence or --binary");
  }
  const host = hostOf(options);
  const { document, file } = await readProfileInput(options.profile);
  const evidence = await gather(options);
  if (evidence.observations.length === 0)
    throw new InputError("nothing was observed, so there is nothing to check");
  const stopped = uncovered(functionsOf(resolveProfile(document, host, { enosysStub: false })), evidence);
  const calls = options.certain === true ? stopped.filter(call => call.certain) : stopped;
  const print = { text: printUncovered, markdown: printUncoveredMarkdown };
  const text =
    options.format === "json" ? printJson(printableUncovered(calls)) : print[options.format](calls, file);
  writeOutput(text, options.output);
  if (evidence.gaps.length > 0) {
    process.stderr.write(
      `the evidence has ${evidence.gaps.length} gaps: there may be calls that nobody saw\n`,
    );
  }
  return calls.length === 0 ? EXIT.ok : EXIT.findings;
}
