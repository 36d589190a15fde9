import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import path from "node:path";
import type { Files } from "../engine/engine.ts";
import { InputError } from "../errors.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence, Target } from "../evidence/model.ts";
import { TargetRoot } from "../static/load/root.ts";
import { analyzeInWorker } from "../static/parallel.ts";
import { TOOL } from "../version.ts";

/**
 * Canonical paths, below the root, of the programs that a recording saw at work, each once, in order. A program that is
 * not there, because it was deleted meanwhile or came with a volume, keeps the path by which it was executed.
 */
export function executablesOf(evidence: Evidence, files: Pick<Files, "root" | "workdir">): string[] {
  const root = new TargetRoot(files.root);
  const found = new Set<string>();
  for (const { executable } of evidence.observations) {
    if (executable === undefined) continue;
    const absolute = path.posix.resolve(files.workdir, executable);
    found.add(root.resolve(absolute)?.path ?? absolute);
  }
  return [...found].sort();
}

/**
 * What the programs that were seen at work could do besides, by static analysis; what cannot be read is a gap.
 * @throws InterruptedError when the signal is aborted
 */
export async function analyzeReachable(
  executables: readonly string[],
  options: { readonly root?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<Evidence> {
  const { root = "/", signal } = options;
  const results: Evidence[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < executables.length; index = next++) {
      results[index] = await analyzeOne(executables[index] ?? "", root, signal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(executables.length, availableParallelism()) }, work));
  return joinEvidence(...results);
}

async function analyzeOne(file: string, root: string, signal: AbortSignal | undefined): Promise<Evidence> {
  try {
    const hints = { dlopen: [], resolve: new Map<string, readonly string[]>() };
    const options = { root, hints, assumeExec: [], phases: false, tool: TOOL };
    // An unpacked image is gone after this run, and so would be the use of what is remembered of it.
    return (await analyzeInWorker(file, options, signal, root === "/")).evidence;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return notAnalyzed({ kind: "file", path: file }, `${file} could not be analysed: ${error.reason}`);
  }
}

/** Evidence of nothing but that something could not be analysed. */
export function notAnalyzed(target: Target, reason: string): Evidence {
  const id = `static-${createHash("sha256").update(JSON.stringify(target)).digest("hex").slice(0, 32)}`;
  return {
    seccraft: "evidence/1",
    runs: [{ id, source: "static", purpose: "analyze", target, tool: TOOL, finished: true }],
    observations: [],
    gaps: [{ run: id, kind: "unreadable", reason }],
  };
}
