import path from "node:path";
import { syscallByName, syscallNames } from "../abi/syscalls.ts";
import { EXIT, InputError, UsageError, type ExitCode } from "../errors.ts";
import { didYouMean } from "../suggest.ts";
import { printEvidence } from "../evidence/codec.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence } from "../evidence/model.ts";
import { writeWhole } from "../files.ts";
import { readText } from "../json/read.ts";
import type { AnalysisReport, AnalyzeOptions } from "../static/analyze.ts";
import { analyzeAll } from "../static/parallel.ts";
import { TOOL } from "../version.ts";
import type { AnalyzeCliOptions } from "./commands/analyze.ts";
import { tellGaps } from "./gaps.ts";
import { writeResult } from "./result.ts";
import { show, writeOutput } from "./say.ts";

interface Hints {
  readonly dlopen: string[];
  readonly resolve: string[];
  readonly assumeExec: string[];
  readonly libraryPath: string[];
}

/** The whole of `seccraft analyze`. */
export async function runAnalyze(files: readonly string[], options: AnalyzeCliOptions): Promise<ExitCode> {
  if (options.graph !== undefined && options.explain === undefined) {
    throw new UsageError("--graph needs --explain SYSCALL: it draws what leads to that one");
  }
  if (options.explain !== undefined && !isSyscall(options.explain)) {
    throw new UsageError(
      `--explain: ${options.explain} is no syscall of x86_64 or aarch64${didYouMean(options.explain, syscallNames())}`,
    );
  }
  const question = analyzeOptions(options);
  const paths = question.root === "/" ? files.map(f => path.resolve(f)) : files;
  const reports = await analyzeAll(paths, question, { cache: options.cache });
  const evidence = joinEvidence(...reports.map(r => r.evidence));
  if (options.evidence !== undefined) writeWhole(options.evidence, printEvidence(evidence));
  if (options.explain === undefined) deliver(evidence, options);
  else show(explanation(reports, options), options.out);
  if (options.graph !== undefined) writeWhole(options.graph, reports.map(r => r.graph).join(""));
  tellGaps(evidence);
  return options.strict === true && evidence.gaps.length > 0 ? EXIT.findings : EXIT.ok;
}

function isSyscall(name: string): boolean {
  return syscallByName("x86_64", name) !== undefined || syscallByName("aarch64", name) !== undefined;
}

function analyzeOptions(options: AnalyzeCliOptions): AnalyzeOptions {
  const fromFile = options.hints === undefined ? undefined : readHints(options.hints);
  const resolve = new Map<string, readonly string[]>();
  for (const text of [...options.resolve, ...(fromFile?.resolve ?? [])]) {
    const [name, words] = parseResolve(text);
    resolve.set(name, words);
  }
  return {
    root: path.resolve(options.root),
    hints: {
      dlopen: [...options.dlopen, ...(fromFile?.dlopen ?? [])],
      resolve,
      libraryPath: [...options.libraryPath, ...(fromFile?.libraryPath ?? [])].flatMap(list =>
        list.split(":").filter(folder => folder !== ""),
      ),
    },
    assumeExec: [...options.assumeExec, ...(fromFile?.assumeExec ?? [])],
    phases: options.phase === "main",
    tool: TOOL,
    ...(options.explain === undefined ? {} : { explain: options.explain }),
  };
}

function parseResolve(text: string): [string, string[]] {
  const [name = "", list = ""] = text.split("=", 2);
  if (name === "" || list === "") {
    throw new UsageError(
      `--resolve: ${text} is not of the form FUNCTION=SYSCALL[,SYSCALL…] or FUNCTION=none`,
    );
  }
  if (list === "none") return [name, []];
  const words = list.split(",");
  for (const word of words) {
    if (/^\d+$/.test(word) ? Number(word) > 1024 : !isSyscall(word))
      throw new UsageError(`--resolve: ${word} is no syscall${didYouMean(word, syscallNames())}`);
  }
  return [name, words];
}

function readHints(file: string): Hints {
  const hints: Hints = { dlopen: [], resolve: [], assumeExec: [], libraryPath: [] };
  readText(file)
    .split("\n")
    .forEach((raw, index) => {
      const line = raw.replace(/(^|\s)#.*/, "").trim();
      if (line === "") return;
      const [word = "", ...rest] = line.split(/\s+/);
      const value = rest.join(" ");
      const list = {
        dlopen: hints.dlopen,
        resolve: hints.resolve,
        "assume-exec": hints.assumeExec,
        "library-path": hints.libraryPath,
      }[word];
      if (list === undefined || value === "") {
        throw new InputError(
          "not a hint: write dlopen, resolve, assume-exec or library-path and what it names",
          {
            file,
            line: index + 1,
          },
        );
      }
      list.push(value);
    });
  return hints;
}

function deliver(evidence: Evidence, { format, out, ...options }: AnalyzeCliOptions): void {
  const shown =
    options.phase === "main"
      ? { ...evidence, observations: evidence.observations.filter(o => o.phase !== "startup") }
      : evidence;
  if (options.json === true)
    writeOutput(
      `${JSON.stringify({ seccraft: "analyze/1", observations: shown.observations, gaps: shown.gaps }, undefined, 2)}\n`,
      out,
    );
  else writeResult(shown, { format, ...(out === undefined ? {} : { output: out }) });
}

function explanation(reports: readonly AnalysisReport[], options: AnalyzeCliOptions): string {
  const text = reports.map(r => r.explanation).join("");
  return text === "" ? `nothing that was found can make ${options.explain}\n` : text;
}
