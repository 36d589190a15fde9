import { createHash } from "node:crypto";
import { InputError } from "../errors.ts";
import { canonicalGap } from "../evidence/canonical.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence, Gap, Run } from "../evidence/model.ts";
import { evidenceOf, runId } from "./evidence.ts";
import { explainSyscall, graphOf } from "./explain.ts";
import { ModuleStore } from "./load/modules.ts";
import { TargetRoot } from "./load/root.ts";
import { ProgramAnalysis, type Hints } from "./program.ts";
import { findProgram, scriptInterpreters } from "./script.ts";

const MAX_SCRIPTS = 4;

/** What to analyse and what is known besides. Plain data, so that it can be handed to a worker. */
export interface AnalyzeOptions {
  /** Folder that holds the target's file system; `/` for this machine's. */
  readonly root: string;
  readonly hints: Hints;
  /** Programs that the target executes, by path or name in the root: they are analysed as well. */
  readonly assumeExec: readonly string[];
  /** Tell apart what only runs before main. */
  readonly phases: boolean;
  /** Print the ways to this syscall. */
  readonly explain?: string;
  /** Name and version of the tool, for the evidence. */
  readonly tool: string;
}

/** The result for one file. Plain data. */
export interface AnalysisReport {
  readonly file: string;
  readonly evidence: Evidence;
  /** The ways to the syscall that was asked for, as text; empty if nothing makes it. */
  readonly explanation: string;
  /** The part of the call graph that leads to it, in DOT. */
  readonly graph: string;
}

/**
 * Every syscall that a program can make, with what it loads, and the gaps.
 * @param file path inside the root
 * @param store modules of earlier analyses, to share what is known of libraries
 * @param root the file system of `options.root`; it keeps a journal of what was asked of it
 * @throws InputError when the file cannot be read or is neither a program, a library nor a script
 */
export function analyzeFile(
  file: string,
  options: AnalyzeOptions,
  store: ModuleStore = new ModuleStore(),
  root: TargetRoot = new TargetRoot(options.root),
): AnalysisReport {
  const context: Context = { root, options, store, texts: [], graphs: [] };
  const evidence = analyzeInto(context, file, 0);
  const executed = options.assumeExec.map(name => {
    const found = findProgram(root, name);
    if (found === undefined)
      throw new InputError("--assume-exec: no such program below the root", { file: name });
    return analyzeInto(context, found, 0);
  });
  const all = joinEvidence(evidence, ...executed);
  const isKnown = options.assumeExec.length > 0;
  return {
    file,
    evidence: isKnown ? { ...all, gaps: all.gaps.filter(g => g.kind !== "executes") } : all,
    explanation: context.texts.join("\n"),
    graph: context.graphs.join("\n"),
  };
}

interface Context {
  readonly root: TargetRoot;
  readonly options: AnalyzeOptions;
  readonly store: ModuleStore;
  readonly texts: string[];
  readonly graphs: string[];
}

function analyzeInto(context: Context, file: string, depth: number): Evidence {
  const { root, options } = context;
  const bytes = root.read(file, 256);
  const script = scriptInterpreters(root, bytes);
  if (script !== undefined) {
    if (depth >= MAX_SCRIPTS) throw new InputError("scripts that run one another without an end", { file });
    const parts = script.programs.map(name => analyzeInto(context, name, depth + 1));
    return joinEvidence(scriptEvidence(root, file, script.missing, options), ...parts);
  }
  const analysis = new ProgramAnalysis(root, file, options.hints, context.store);
  const { program } = analysis.image;
  const { dlopen, resolve, libraryPath } = options.hints;
  const question = JSON.stringify([dlopen, [...resolve], options.phases, ...(libraryPath ?? [])]);
  const { buildId } = program.elf;
  const run: Run = {
    id: runId([...analysis.image.modules, ...analysis.plugins.converters], question),
    source: "static",
    purpose: "analyze",
    target: {
      kind: "file",
      path: program.path,
      sha256: program.sha256,
      ...(buildId === undefined ? {} : { buildId }),
    },
    tool: options.tool,
    finished: true,
    environment: { machine: program.elf.machine },
  };
  if (options.explain !== undefined) {
    context.texts.push(explainSyscall(analysis, options.explain));
    context.graphs.push(graphOf(analysis, options.explain));
  }
  return evidenceOf(analysis, { run, hints: options.hints, phases: options.phases });
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A script itself makes no syscalls; what it makes its interpreter do is not in any code. */
function scriptEvidence(
  root: TargetRoot,
  file: string,
  missing: readonly string[],
  options: AnalyzeOptions,
): Evidence {
  const path = root.resolve(file)?.path ?? file;
  const hash = sha256(root.read(file));
  const id = `static-${createHash("sha256").update(`script\0${path}\0${hash}`).digest("hex").slice(0, 32)}`;
  const gaps: Gap[] = [
    {
      run: id,
      kind: "script",
      reason:
        "a script: its interpreter was analysed, but not which programs and modules the script itself uses",
      place: { file: path },
      remedy: "name what it runs with --assume-exec PROGRAM, and what it loads with --dlopen LIBRARY",
    },
    ...missing.map(
      (name): Gap => ({
        run: id,
        kind: "unreadable",
        reason: `the interpreter ${name} is not below the root`,
        place: { file: path },
      }),
    ),
  ];
  const run: Run = {
    id,
    source: "static",
    purpose: "analyze",
    target: { kind: "file", path, sha256: hash },
    tool: options.tool,
    finished: true,
  };
  return { seccraft: "evidence/1", runs: [run], observations: [], gaps: gaps.map(canonicalGap) };
}
