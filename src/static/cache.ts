import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import process from "node:process";
import { analyzeFile, type AnalysisReport, type AnalyzeOptions } from "./analyze.ts";
import type { ScanAhead } from "./code/module.ts";
import { KeptFiles } from "./kept-files.ts";
import { ModuleStore } from "./load/modules.ts";
import { TargetRoot, type Journal } from "./load/root.ts";
import { Summaries } from "./summaries.ts";

const LIMITS = { files: 512, bytes: 1 << 30 };

interface Entry {
  readonly journal: Journal;
  readonly report: AnalysisReport;
}

/** Folder for results: below XDG_CACHE_HOME, or `~/.cache`. */
export function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"];
  const cache = base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), ".cache");
  return path.join(cache, "seccraft", "static");
}

/** What this program is: another build of it may find something else. All that is built together is as old. */
function fingerprint(): string {
  const own = import.meta.dirname;
  const hash = createHash("sha256");
  const names = readdirSync(own, { recursive: true }).map(String).sort();
  for (const name of names.filter(n => n.endsWith(".js"))) {
    const { size, mtimeMs } = statSync(path.join(own, name));
    hash.update(`${name}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest("hex");
}

function questionOf(build: string, file: string, options: AnalyzeOptions): string {
  const { hints, ...rest } = options;
  return JSON.stringify([build, file, rest, hints.dlopen, [...hints.resolve], hints.libraryPath]);
}

/**
 * As `analyzeFile`, but answers from the user's cache when everything that the earlier analysis asked of the file system
 * (names, links, folders, files) has the same answer today. Summaries of functions are kept as well, for other programs with
 * the same libraries.
 * @param ahead scans functions on another thread, which has ended then
 */
export function analyzeCached(file: string, options: AnalyzeOptions, ahead?: ScanAhead): AnalysisReport {
  const build = fingerprint();
  const results = new KeptFiles(cacheFolder(), ".json", LIMITS);
  const question = questionOf(build, file, options);
  const known = results.read(question);
  if (known !== undefined) {
    const { journal, report } = JSON.parse(known.toString("utf8")) as Entry;
    if (new TargetRoot(options.root).agrees(journal)) return report;
  }
  const root = new TargetRoot(options.root);
  const store = new ModuleStore(new Summaries(path.join(cacheFolder(), "functions"), build), ahead);
  const report = analyzeFile(file, options, store, root);
  // Its memory is free before the summaries take theirs.
  ahead?.close();
  store.save();
  results.write(question, JSON.stringify({ journal: root.journal, report } satisfies Entry));
  results.prune();
  return report;
}
