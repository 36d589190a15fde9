import { parentPort, workerData } from "node:worker_threads";
import { InputError } from "../errors.ts";
import { analyzeCached } from "./cache.ts";
import { analyzeFile, type AnalyzeOptions } from "./analyze.ts";
import type { WorkerAnswer } from "./parallel.ts";

/** Analyses one file in a thread of its own. */
function answer(): WorkerAnswer {
  const { file, options, cache } = workerData as {
    file: string;
    options: AnalyzeOptions;
    cache: boolean;
  };
  try {
    return { report: cache ? analyzeCached(file, options) : analyzeFile(file, options) };
  } catch (error) {
    if (error instanceof InputError) return { reason: error.reason, place: error.place };
    return { defect: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.postMessage(answer());
