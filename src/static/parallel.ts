import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { InputError, InterruptedError } from "../errors.ts";
import { ReadAhead } from "./ahead/ahead.ts";
import { analyzeCached } from "./cache.ts";
import { analyzeFile, type AnalysisReport, type AnalyzeOptions } from "./analyze.ts";
import { ModuleStore } from "./load/modules.ts";

/** What a worker answers: a report, or an input error as its parts. */
export type WorkerAnswer =
  | { readonly report: AnalysisReport }
  | { readonly reason: string; readonly place: InputError["place"] }
  | { readonly defect: string };

export interface ParallelOptions {
  readonly cache: boolean;
}

/** Analyses files, several at a time on worker threads. The reports come in the order of the files. */
export async function analyzeAll(
  files: readonly string[],
  options: AnalyzeOptions,
  { cache }: ParallelOptions,
): Promise<AnalysisReport[]> {
  if (files.length === 1) {
    return files.map(file => analyzeAhead(file, options, cache));
  }
  const reports: AnalysisReport[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < files.length; index = next++) {
      reports[index] = await analyzeInWorker(files[index] ?? "", options, undefined, cache);
    }
  };
  await Promise.all(Array.from({ length: Math.min(files.length, availableParallelism()) }, work));
  return reports;
}

/** Analyses one file on this thread, with another one that scans ahead where there is a processor for it. */
function analyzeAhead(file: string, options: AnalyzeOptions, cache: boolean): AnalysisReport {
  const ahead = availableParallelism() > 1 ? new ReadAhead() : undefined;
  try {
    return cache
      ? analyzeCached(file, options, ahead)
      : analyzeFile(file, options, new ModuleStore(undefined, ahead));
  } finally {
    ahead?.close();
  }
}

/** Analyses one file on a thread of its own, which ends with a rejection when the signal is aborted. */
export function analyzeInWorker(
  file: string,
  options: AnalyzeOptions,
  signal?: AbortSignal,
  cache = true,
): Promise<AnalysisReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./analysis-worker.js", import.meta.url), {
      workerData: { file, options, cache },
    });
    worker.once("message", (answer: WorkerAnswer) => {
      if ("report" in answer) resolve(answer.report);
      else if ("reason" in answer) reject(new InputError(answer.reason, answer.place));
      else reject(new Error(answer.defect));
    });
    worker.once("error", reject);
    const abort = (): void => {
      reject(new InterruptedError(String(signal?.reason ?? "signal")));
      void worker.terminate();
    };
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted === true) abort();
    worker.once("exit", () => signal?.removeEventListener("abort", abort));
    worker.once("exit", () => reject(new Error(`the worker for ${file} ended without an answer`)));
  });
}
