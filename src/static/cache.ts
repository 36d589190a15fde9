import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import process from "node:process";
import { writeWhole } from "../files.ts";
import { analyzeFile, type AnalysisReport, type AnalyzeOptions } from "./analyze.ts";
import { ModuleStore } from "./load/modules.ts";
import { TargetRoot, type Journal } from "./load/root.ts";
import { Summaries } from "./summaries.ts";

/** More results than this are not kept; the oldest go first. */
const MAX_ENTRIES = 512;

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

/** What this program is: another build of it may find something else. */
function fingerprint(): string {
  const own = path.resolve(import.meta.dirname, "..");
  const hash = createHash("sha256");
  for (const folder of ["abi", "evidence", "static"]) {
    const names = readdirSync(path.join(own, folder), { recursive: true }).map(String).sort();
    for (const name of names.filter(n => n.endsWith(".js"))) {
      const { size, mtimeMs } = statSync(path.join(own, folder, name));
      hash.update(`${folder}/${name}\0${size}\0${mtimeMs}\0`);
    }
  }
  return hash.digest("hex");
}

function keyOf(build: string, file: string, options: AnalyzeOptions): string {
  const { hints, ...rest } = options;
  const question = [build, file, rest, hints.dlopen, [...hints.resolve], hints.libraryPath];
  return digest(JSON.stringify(question));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** An entry begins with the digest of what follows, so that a damaged one is none. */
function readEntry(file: string): Entry | undefined {
  try {
    const text = readFileSync(file, "utf8");
    const body = text.slice(65);
    return digest(body) === text.slice(0, 64) ? (JSON.parse(body) as Entry) : undefined;
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written costs time, nothing else. */
function writeEntry(file: string, entry: Entry): void {
  try {
    const folder = path.dirname(file);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const body = JSON.stringify(entry);
    writeWhole(file, `${digest(body)}\n${body}`);
    prune(folder);
  } catch {
    // Full, read-only or not ours.
  }
}

function prune(folder: string): void {
  const names = readdirSync(folder).filter(name => name.endsWith(".json"));
  if (names.length <= MAX_ENTRIES) return;
  const byAge = names
    .map(name => ({ name, time: statSync(path.join(folder, name)).mtimeMs }))
    .sort((a, b) => a.time - b.time);
  for (const { name } of byAge.slice(0, names.length - MAX_ENTRIES))
    rmSync(path.join(folder, name), { force: true });
}

/**
 * As `analyzeFile`, but answers from the user's cache when everything that the earlier analysis asked of the file system
 * (names, links, folders, files) has the same answer today. Written whole by rename, so that any number of processes may
 * use it at once. What other files make of the same libraries is shared: summaries of their functions are kept as well.
 */
export function analyzeCached(file: string, options: AnalyzeOptions): AnalysisReport {
  const build = fingerprint();
  const place = path.join(cacheFolder(), `${keyOf(build, file, options)}.json`);
  const known = readEntry(place);
  if (known !== undefined && new TargetRoot(options.root).agrees(known.journal)) return known.report;
  const root = new TargetRoot(options.root);
  const store = new ModuleStore(new Summaries(path.join(cacheFolder(), "functions"), build));
  const report = analyzeFile(file, options, store, root);
  store.save();
  writeEntry(place, { journal: root.journal, report });
  return report;
}
