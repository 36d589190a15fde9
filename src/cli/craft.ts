import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import path from "node:path";
import type { Command } from "commander";
import { err as pc } from "./colors.ts";
import { craft, type CraftResult } from "../craft/craft.ts";
import type { Workload } from "../craft/session.ts";
import { resolveProgram } from "../engine/native/program.ts";
import { UsageError } from "../errors.ts";
import type { Evidence } from "../evidence/model.ts";
import { didYouMean } from "../suggest.ts";
import { printEvidence } from "../evidence/codec.ts";
import { withFolder, writeWhole } from "../files.ts";
import { canTrace } from "../linux/features.ts";
import { printNeverObserved } from "../output/never-observed.ts";
import { printJson } from "../json/print.ts";
import { printSummary, type SummaryOptions } from "../output/summary.ts";
import { printableSummary } from "../output/summary-json.ts";
import { DEFAULT_POLICY } from "../profile/derive.ts";
import type { ProfileDocument } from "../profile/document.ts";
import { errnoNames, errnoNumber } from "../profile/errno.ts";
import { printProfile } from "../profile/print.ts";
import { chooseRecorder } from "../record/choose.ts";
import type { CraftCliOptions } from "./commands/craft.ts";
import { chooseEngine, requireTracing, runtimeOf } from "./engine.ts";
import { readText } from "../json/read.ts";
import { parseProject, PROJECT_FILE } from "./project.ts";
import { GrowingFile } from "./growing.ts";
import { Progress } from "./progress.ts";
import { withoutThrottles } from "./throttles.ts";
import { openWorkspace } from "./workspace.ts";
import { shellCommand } from "../shell.ts";
import { columnsFor, print, tell } from "./say.ts";
import { wrap } from "../wrap.ts";

/**
 * What the project file says, under the options that were given on the command line.
 * @throws UsageError when there is no project file
 */
export function withProject(
  options: CraftCliOptions,
  command: Command,
): { argv: readonly string[]; options: CraftCliOptions } {
  const file = options.project ?? PROJECT_FILE;
  if (options.project === undefined && !existsSync(file)) {
    throw new UsageError(
      `there is nothing to profile: name a command, as in \`seccraft craft -- ls -l /\`, or write ${PROJECT_FILE} with \`seccraft init\``,
    );
  }
  const project = parseProject(readText(file), file);
  const given = Object.entries(options).filter(([name]) => command.getOptionValueSource(name) === "cli");
  return { argv: project.command, options: { ...options, ...project.options, ...Object.fromEntries(given) } };
}

/** What a file with text is laid out for, and a terminal at most. */
const FILE_COLUMNS = 80;
const MOST_COLUMNS = 100;

/** The whole of `seccraft craft`. */
export async function runCraft(
  argv: readonly string[],
  options: CraftCliOptions,
  signal: AbortSignal,
): Promise<void> {
  const errno = requireSense(argv, options);
  const workload: Workload = {
    argv,
    ready: options.ready ?? { kind: "exit" },
    exercises: options.exercise,
    timeoutMs: options.timeout,
    expectedExit: options.expectExit,
  };
  const { out } = options;
  const proved = async (): Promise<CraftResult> => await prove(workload, errno, options, signal);
  const result = await (out === undefined ? proved() : withFolder(out, proved));
  const deny = minimizable(options);
  if (options.minimize === true && out !== undefined && deny !== undefined)
    await minimizeCrafted(result.derivation.document, workload, deny, { ...options, out }, signal);
}

/** Records, verifies, enforces, and delivers what came out. */
async function prove(
  workload: Workload,
  errno: number,
  options: CraftCliOptions,
  signal: AbortSignal,
): Promise<CraftResult> {
  const { out } = options;
  const folder = await openWorkspace();
  const progress = new Progress();
  try {
    const growing = out === undefined ? undefined : new GrowingFile(path.join(out, "evidence.json"), folder);
    const { engine, target } = await chooseEngine(options, folder);
    const recorder = chooseRecorder(options.recorder, canTrace);
    if (options.image !== undefined && recorder.name !== "complain") requireTracing(recorder);
    const prepared: typeof craft = options =>
      recorder.name === "complain" ? withoutThrottles(() => craft(options)) : craft(options);
    const result = await prepared({
      workload: { ...workload, ...(target === undefined ? {} : { target }) },
      runs: options.runs,
      engine,
      recorder,
      policy: {
        ...DEFAULT_POLICY,
        runtimeBase: runtimeOf(options),
        defaultAction: { kind: "errno", errno },
      },
      accept: options.policy,
      analyze: options.analyze,
      folder,
      signal,
      onEvent: event => progress.show(event),
      ...(growing === undefined ? {} : { onCheckpoint: evidence => checkpoint(growing, evidence) }),
    });
    progress.stop();
    growing?.finish(printEvidence(result.evidence));
    deliver(result, workload.argv, options);
    return result;
  } finally {
    progress.stop();
    await folder.close();
  }
}

/** Writes what is known of the target: before it has made a call, there is nothing to keep, and an older file stays. */
function checkpoint(file: GrowingFile, evidence: Evidence): void {
  if (evidence.observations.some(({ label }) => label !== "container-runtime"))
    file.checkpoint(printEvidence(evidence));
}

/** Tries what of the crafted profile is really needed; what the container runtime needs stays. */
async function minimizeCrafted(
  document: ProfileDocument,
  workload: Workload,
  deny: "EPERM" | "ENOSYS",
  options: CraftCliOptions & { readonly out: string },
  signal: AbortSignal,
): Promise<void> {
  const { searchWithProgress } = await import("./minimize.ts");
  const { printReport } = await import("../minimize/report.ts");
  const profile = path.join(options.out, "profile.json");
  const hash = createHash("sha256").update(readFileSync(profile)).digest("hex");
  const minimal = await searchWithProgress(
    options,
    ({ engine, target, container }) => ({
      workload: { ...workload, ...(target === undefined ? {} : { target }) },
      success: [],
      engine,
      ...(container === undefined ? {} : { container }),
      runtime: runtimeOf(options),
      recorder: chooseRecorder(options.recorder, canTrace),
      deny,
      start: { document, name: profile, hash },
      keep: [],
      jobs: undefined,
      watched: true,
      repeat: 2,
      budget: {},
      arguments: false,
      copy: "auto",
      journal: path.join(options.out, "minimize"),
      fresh: true,
    }),
    signal,
  );
  const report = printReport(minimal.report, minimal.base.host.abi);
  writeWhole(path.join(options.out, "minimal.json"), printProfile(minimal.document));
  writeWhole(path.join(options.out, "minimal.txt"), report);
  tell(`\n${report}`);
}

/** By which answer calls can be denied on trial. */
function minimizable({ errno }: CraftCliOptions): "EPERM" | "ENOSYS" | undefined {
  return errno === "EPERM" || errno === "ENOSYS" ? errno : undefined;
}

/**
 * The number of the errno that denied calls get.
 * @throws UsageError when options are unknown or do not go together
 * @throws InputError when there is no such command
 */
function requireSense(argv: readonly string[], options: CraftCliOptions): number {
  const errno = errnoNumber(options.errno);
  if (errno === undefined)
    throw new UsageError(
      `--errno: ${options.errno} is no errno; write EPERM, ENOSYS or another name of errno(3)${didYouMean(options.errno, errnoNames())}`,
    );
  if (options.exercise.length > 0 && (options.ready === undefined || options.ready.kind === "exit"))
    throw new UsageError(
      "--exercise needs --ready: without it the command is taken to do its work and end by itself",
    );
  if (!options.analyze && options.policy !== "observed")
    throw new UsageError(`--policy ${options.policy} needs the analysis that --no-analyze leaves out`);
  if (options.minimize === true && (options.out === undefined || minimizable(options) === undefined))
    throw new UsageError("--minimize needs --out for its journal, and EPERM or ENOSYS for --errno");
  if (options.minimize === true && options.recorder === "complain")
    throw new UsageError(
      "--minimize denies calls to see what happens, for which --recorder complain is no use",
    );
  const [name] = argv;
  if (options.image !== undefined) return errno;
  if (name === undefined)
    throw new UsageError("say what to craft a profile for: a command after --, or --image IMAGE");
  resolveProgram(name, process.env["PATH"], process.cwd());
  return errno;
}

function deliver(result: CraftResult, argv: readonly string[], options: CraftCliOptions): void {
  const { out } = options;
  const profile = printProfile(result.derivation.document);
  const facts: SummaryOptions = {
    title: shellCommand([...(options.image === undefined ? [] : [options.image]), ...argv]),
    derivation: result.derivation,
    evidence: result.evidence,
    completeness: result.completeness,
    sizes: result.sizes,
    capabilities: result.capabilities,
    policy: options.policy,
    proof: {
      rounds: result.rounds.map(round => round.denials),
      enforcedSeconds: result.enforced.seconds,
      namedBy: options.recorder === "complain" ? "log" : options.image === undefined ? "listener" : "ebpf",
    },
    nextStep: nextStep(result, options),
    hasFiles: out !== undefined,
  };
  const summary = printSummary(facts);
  if (options.json === true) print(printJson(printableSummary(facts)));
  else if (out === undefined) print(profile);
  if (out !== undefined) {
    writeWhole(path.join(out, "profile.json"), profile);
    writeWhole(path.join(out, "summary.txt"), wrap(summary, FILE_COLUMNS));
    const allowed = new Set(result.derivation.provenance.keys());
    if (options.analyze)
      writeWhole(path.join(out, "unobserved.txt"), printNeverObserved(result.evidence, allowed));
  }
  const columns = process.stderr.isTTY ? Math.min(MOST_COLUMNS, columnsFor(process.stderr)) : FILE_COLUMNS;
  tell(`\n${wrap(summary, columns)}`);
  const files = [
    "profile.json",
    "evidence.json",
    "summary.txt",
    ...(options.analyze ? ["unobserved.txt"] : []),
  ];
  if (out !== undefined) tell(pc.dim(`\nwrote ${files.join(", ")} to ${path.relative("", out) || "."}\n`));
}

function nextStep(result: CraftResult, options: CraftCliOptions): string {
  const { out } = options;
  const file = out === undefined ? "FILE" : path.relative("", path.join(out, "profile.json"));
  const saved = out === undefined ? "save the profile in a FILE, and " : "";
  if (options.ready !== undefined && options.exercise.length === 0) {
    return "give it work with --exercise COMMAND: what is not exercised is not in the profile";
  }
  const start = `\`docker run --security-opt seccomp=${file} …\``;
  if (result.sessions.length < 3) {
    const attempt =
      options.image === undefined ? `try it with \`seccraft run --profile ${file} --explain -- …\`` : start;
    return `repeat with --runs 3 to learn how complete it is; then ${saved}${attempt}`;
  }
  if (runtimeOf(options) === "none")
    return `for Docker, craft again with --runtime runc, then ${saved}${start}`;
  return `${saved}${start}`;
}
