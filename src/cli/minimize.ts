import { createHash } from "node:crypto";
import process from "node:process";
import pc from "picocolors";
import { nativeEngine } from "../engine/native/native.ts";
import { parseReady } from "../engine/ready.ts";
import { EXIT, InputError, UsageError } from "../errors.ts";
import { readText } from "../json/read.ts";
import { looksLikeEvidence, parseEvidence, printEvidence } from "../evidence/codec.ts";
import { writeWhole } from "../files.ts";
import { canTrace } from "../linux/features.ts";
import { evidenceOf } from "../minimize/evidence.ts";
import { readJournal, type Header, type RunRecord } from "../minimize/journal.ts";
import { printReport, reportAsJson } from "../minimize/report.ts";
import { replayRun } from "../minimize/replay.ts";
import { runSearch, type Deny, type SearchRequest, type SearchResult } from "../minimize/setup.ts";
import { deriveProfile } from "../profile/derive.ts";
import { parseProfile } from "../profile/parse.ts";
import { printProfile } from "../profile/print.ts";
import { chooseRecorder } from "../record/choose.ts";
import type { MinimizeCliOptions } from "./commands/minimize.ts";
import type { ContainerCliOptions } from "./container-options.ts";
import { chooseEngine, openContainerEngine, requireTracing, runtimeOf, type Chosen } from "./engine.ts";
import { MinimizeProgress } from "./minimize-progress.ts";
import { openWorkspace } from "./workspace.ts";
import { print, tell, writeOutput } from "./say.ts";

/** The whole of `seccraft minimize`; returns the exit code. */
export async function runMinimize(
  argv: readonly string[],
  options: MinimizeCliOptions,
  signal: AbortSignal,
): Promise<number> {
  if (argv.length === 0 && options.image === undefined)
    throw new UsageError("there is no command; write it after --, or give an --image");
  const ready = options.ready ?? { kind: "exit" as const };
  if (options.exercise.length > 0 && ready.kind === "exit")
    throw new UsageError("--exercise needs --ready: without it the command is taken to do its work and end");
  const recorder = chooseRecorder(options.recorder, canTrace);
  if (options.image !== undefined) requireTracing(recorder);
  const start = await readStart(options.start);
  const request = (chosen: Chosen): SearchRequest => ({
    workload: {
      argv,
      ready,
      exercises: options.exercise,
      timeoutMs: options.timeout,
      expectedExit: options.expectExit,
      ...(chosen.target === undefined ? {} : { target: chosen.target }),
    },
    success: options.success,
    engine: chosen.engine,
    ...(chosen.container === undefined ? {} : { container: chosen.container }),
    runtime: runtimeOf(options),
    recorder,
    deny: options.deny,
    start,
    keep: options.keep,
    jobs: options.jobs,
    watched: true,
    repeat: options.repeat,
    budget: options.budget,
    arguments: options.arguments === true,
    copy: options.copy,
    journal: options.journal,
    fresh: options.fresh === true,
  });
  const result = await searchWithProgress(options, request, signal);
  deliver(result, argv, options);
  return EXIT.ok;
}

/** Opens the engine, and shows the search while it goes on. */
export async function searchWithProgress(
  options: ContainerCliOptions,
  request: (chosen: Chosen) => SearchRequest,
  signal: AbortSignal,
): Promise<SearchResult> {
  const folder = await openWorkspace();
  const progress = new MinimizeProgress();
  try {
    const chosen = await chooseEngine(options, folder);
    return await runSearch(request(chosen), folder, signal, event => progress.show(event));
  } finally {
    progress.stop();
    await folder.close();
  }
}

async function readStart(start: string): Promise<SearchRequest["start"]> {
  if (start === "all") return undefined;
  const text = readText(start);
  const document = looksLikeEvidence(text)
    ? deriveProfile(await parseEvidence(text, start)).document
    : parseProfile(text, start);
  return { document, name: start, hash: createHash("sha256").update(text).digest("hex") };
}

function deliver(result: SearchResult, argv: readonly string[], options: MinimizeCliOptions): void {
  const { report, recorded, document, base } = result;
  const profile = printProfile(document);
  const text = options.json === true ? reportAsJson(report) : profile;
  writeOutput(text, options.output);
  if (options.evidence !== undefined) {
    const command = { kind: "command" as const, argv, directory: process.cwd() };
    const target = recorded.runs[0]?.target ?? command;
    writeWhole(options.evidence, printEvidence(evidenceOf(report, recorded, target, base)));
  }
  tell(`\n${printReport(report, base.host.abi)}`);
  tell(pc.dim(`\nall runs are in ${options.journal}; \`seccraft minimize --replay N\` does one again\n`));
}

/** Does one run of a journal again; exit code 1 when the target fails in it. */
export async function runReplay(
  number: number,
  options: MinimizeCliOptions,
  signal: AbortSignal,
): Promise<number> {
  const { header, runs } = readJournal(options.journal);
  const run = runs.find(known => known.number === number);
  if (run === undefined)
    throw new UsageError(
      `--replay ${number}: the journal in ${options.journal} holds runs 1 to ${runs.length}`,
    );
  const start = await readStart(header.start);
  if (start !== undefined && start.hash !== header.startHash)
    throw new InputError("has changed since the search", { file: header.start });
  const folder = await openWorkspace();
  try {
    const { container } = header;
    const { engine, digest } =
      container === undefined
        ? { engine: nativeEngine(), digest: undefined }
        : await openContainerEngine(header.engine === "docker" ? "docker" : "runc", container, folder);
    if (digest !== header.digest)
      throw new InputError("has changed since the search", { file: container?.image ?? "" });
    const again = await replayRun({
      header: { ...header, deny: header.deny as Deny },
      runs,
      run,
      start: start?.document,
      ready: parseReady(header.ready),
      engine,
      journal: options.journal,
      folder,
      signal,
    });
    tell(describeReplay(header, run, again));
    print(again.behaviour.output);
    return again.reason === undefined ? EXIT.ok : EXIT.findings;
  } finally {
    await folder.close();
  }
}

function verdict(reason: string | undefined): string {
  return reason === undefined ? pc.green("works") : pc.red(reason);
}

function describeReplay(
  header: Header,
  run: RunRecord,
  again: Awaited<ReturnType<typeof replayRun>>,
): string {
  const denied = (again.denied ?? []).map(
    call =>
      `  ${call.unit} ${call.times} times${call.executable === undefined ? "" : ` by ${call.executable}`}\n`,
  );
  return [
    `${[...(header.container === undefined ? [] : [header.container.image]), ...header.argv].join(" ")}, run ${run.number}: ${run.trial.mode}, ${run.trial.allowed?.length ?? "all"} allowed\n`,
    `then: ${verdict(run.reason)}\n`,
    `now:  ${verdict(again.reason)}\n`,
    ...(denied.length === 0 ? [] : ["denied, in this order:\n", ...denied]),
    ...again.differences.map(difference => `different: ${difference}\n`),
    "it printed:\n",
  ].join("");
}
