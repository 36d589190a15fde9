import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { availableParallelism } from "node:os";
import { InputError } from "../errors.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence } from "../evidence/model.ts";
import { analyzeInWorker } from "../static/parallel.ts";
import { TOOL } from "../version.ts";

/** Paths of the programs that a recording saw at work, each once, in order. */
export function executablesOf(evidence: Evidence): string[] {
  const found = new Set<string>();
  for (const { executable } of evidence.observations) {
    if (executable === undefined || !executable.startsWith("/")) continue;
    try {
      found.add(realpathSync(executable));
    } catch {
      // Deleted meanwhile, or in another file system; what it did is known all the same.
    }
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
  const results: Evidence[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < executables.length; index = next++) {
      results[index] = await analyzeOne(executables[index] ?? "", options.root ?? "/", options.signal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(executables.length, availableParallelism()) }, work));
  return joinEvidence(...results);
}

async function analyzeOne(file: string, root: string, signal: AbortSignal | undefined): Promise<Evidence> {
  try {
    const hints = { dlopen: [], resolve: new Map<string, readonly number[]>() };
    const options = { root, hints, assumeExec: [], phases: false, tool: TOOL };
    return (await analyzeInWorker(file, options, signal)).evidence;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const id = `static-${createHash("sha256").update(file).digest("hex").slice(0, 32)}`;
    return {
      seccraft: "evidence/1",
      runs: [
        {
          id,
          source: "static",
          purpose: "analyze",
          target: { kind: "file", path: file },
          tool: TOOL,
          finished: true,
        },
      ],
      observations: [],
      gaps: [{ run: id, kind: "unreadable", reason: `${file} could not be analysed: ${error.reason}` }],
    };
  }
}
