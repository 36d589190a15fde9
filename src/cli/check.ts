import { existsSync } from "node:fs";
import path from "node:path";
import { EXIT, type ExitCode, InputError, UsageError } from "../errors.ts";
import { parseEvidence } from "../evidence/codec.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence } from "../evidence/model.ts";
import { printJson } from "../json/print.ts";
import { printableUncovered, printUncovered, printUncoveredMarkdown } from "../output/coverage.ts";
import { acceptedBy, countingEvidence, type PolicyName } from "../profile/policies.ts";
import { uncovered } from "../profile/coverage.ts";
import { functionsOf } from "../profile/functions.ts";
import { resolveProfile } from "../profile/resolve.ts";
import { analyzeAll } from "../static/parallel.ts";
import { TOOL } from "../version.ts";
import type { CheckCliOptions } from "./commands/check.ts";
import { hostOf } from "./host.ts";
import { readInput, readProfileInput } from "./inputs.ts";
import { show, tell, writeOutput } from "./say.ts";

async function analyzed(files: readonly string[], root: string, cache: boolean): Promise<Evidence[]> {
  const question = {
    root,
    hints: { dlopen: [], resolve: new Map() },
    assumeExec: [],
    phases: false,
    tool: TOOL,
  };
  const reports = await analyzeAll(files, question, { cache });
  return reports.map(report => report.evidence);
}

/** What the programs of an image can do. The image is unpacked for the time of the analysis. */
async function analyzedImage(image: string, programs: readonly string[]): Promise<Evidence[]> {
  const [{ openWorkspace }, { openSource }, { programsOfImage }, { tellNamesake }] = await Promise.all([
    import("./workspace.ts"),
    import("../engine/runc/source.ts"),
    import("./image-programs.ts"),
    import("./engine.ts"),
  ]);
  const folder = await openWorkspace();
  try {
    tellNamesake(image);
    const source = await openSource(image, folder);
    const files = programsOfImage(source, image, programs);
    tell(`programs of ${image}: ${files.join(" ")}\n`);
    // What is unpacked lies elsewhere the next time.
    return await analyzed(files, source.lower, !source.lower.startsWith(folder.path));
  } finally {
    await folder.close();
  }
}

async function gather({ evidence, binary, image, root, policy }: Question): Promise<Evidence> {
  const parts: Evidence[] = [];
  for (const file of evidence) {
    const whole = await parseEvidence(readInput(file), file);
    parts.push(policy === undefined ? countingEvidence(whole) : acceptedBy(whole, policy));
  }
  if (image !== undefined) {
    parts.push(...(await analyzedImage(image, binary)));
  } else if (binary.length > 0) {
    const folder = path.resolve(root);
    const files = folder === "/" ? binary.map(file => path.resolve(file)) : binary;
    parts.push(...(await analyzed(files, folder, true)));
  }
  return joinEvidence(...parts);
}

type Question = CheckCliOptions & {
  readonly profile: string;
  /** Which of the evidence in files counts, where the project says it. */
  readonly policy?: PolicyName;
};

/** What is not given comes from the project file: its profile, and its image or else its evidence. */
async function withProject(options: CheckCliOptions): Promise<Question> {
  const { profile, project, evidence, binary, image } = options;
  const isAsked = evidence.length + binary.length > 0 || image !== undefined;
  if (profile !== undefined && isAsked) return { ...options, profile };
  const { parseProject, PROJECT_FILE } = await import("./project.ts");
  const file = project ?? PROJECT_FILE;
  if (project === undefined && !existsSync(file)) {
    throw new UsageError(
      `check needs --profile, and --evidence, --binary or --image; or a ${PROJECT_FILE}, which \`seccraft init\` writes`,
    );
  }
  const {
    out = "profile",
    image: ofProject,
    policy = "observed",
  } = parseProject(readInput(file), file).options;
  const folder = path.resolve(path.dirname(file), out);
  const asked = isAsked
    ? {}
    : ofProject === undefined
      ? { evidence: [path.join(folder, "evidence.json")], policy }
      : { image: ofProject };
  return { ...options, ...asked, profile: profile ?? path.join(folder, "profile.json") };
}

/** Exit code 1 when the profile stops something. @throws InputError, UsageError */
export async function runCheck(given: CheckCliOptions): Promise<ExitCode> {
  const options = await withProject(given);
  if (options.evidence.length + options.binary.length === 0 && options.image === undefined) {
    throw new UsageError("check needs --evidence, --binary or --image");
  }
  if (options.image !== undefined && options.root !== "/") {
    throw new UsageError("--root and --image both say where the programs are; give one of them");
  }
  const host = hostOf(options);
  const { document, file } = await readProfileInput(options.profile);
  const evidence = await gather(options);
  if (evidence.observations.length === 0)
    throw new InputError("nothing was observed, so there is nothing to check");
  const stopped = uncovered(functionsOf(resolveProfile(document, host, { enosysStub: false })), evidence);
  const calls = options.certain === true ? stopped.filter(call => call.certain) : stopped;
  const print = { text: printUncovered, markdown: printUncoveredMarkdown };
  if (options.format === "json") writeOutput(printJson(printableUncovered(calls)), options.output);
  else show(print[options.format](calls, file), options.output);
  if (evidence.gaps.length > 0) {
    tell(`the evidence has ${evidence.gaps.length} gaps: there may be calls that nobody saw\n`);
  }
  return calls.length === 0 ? EXIT.ok : EXIT.findings;
}
