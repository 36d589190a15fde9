import { parentPort, workerData } from "node:worker_threads";
import { InputError } from "../errors.ts";
import { analyzeFile, type AnalyzeOptions } from "./analyze.ts";
import type { WorkerAnswer } from "./parallel.ts";

/** Analyses one file in a thread of its own. */
function answer(): WorkerAnswer {
  const { file, options } = workerData as { file: string; options: AnalyzeOptions };
  try {
    return { report: analyzeFile(file, options) };
  } catch (error) {
    if (error instanceof InputError) return { reason: error.reason, place: error.place };
    return { defect: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.postMessage(answer());
