import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { InputError, UsageError } from "../errors.ts";
import { ensureFolder, writeWhole } from "../files.ts";
import type { ContainerOptions } from "../engine/container.ts";
import { isAlive, ownIdentity } from "../linux/processes.ts";
import type { Behaviour } from "./behaviour.ts";
import type { Trial } from "./trial.ts";

/** What a search is about, in the words of the command line; a journal belongs to one of these. */
export interface Header {
  readonly seccraft: "minimize/1";
  readonly argv: readonly string[];
  readonly directory: string;
  readonly engine: string;
  /** How the container is run, when it is one. */
  readonly container?: ContainerOptions;
  /** `sha256:…` of the image, where it has one. */
  readonly digest?: string;
  readonly ready: string;
  readonly exercises: readonly string[];
  readonly timeoutMs: number;
  readonly expectedExit: number;
  readonly success: readonly string[];
  readonly deny: string;
  readonly start: string;
  /** Hash of the start profile's or evidence's content. */
  readonly startHash: string;
  readonly keep: readonly string[];
  readonly runtime: string;
}

/** A call that was answered instead of carried out. */
export interface DeniedCall {
  readonly syscall: string;
  /** The use of it that was denied, where uses are told apart. */
  readonly unit: string;
  readonly times: number;
  readonly executable: string | undefined;
}

/** One run, as it is kept. */
export interface RunRecord {
  /** From 1, in the order in which the runs ended. */
  readonly number: number;
  readonly trial: Trial;
  /** The how manieth run of the same trial, from 0. */
  readonly repetition: number;
  readonly works: boolean;
  readonly reason: string | undefined;
  readonly differences: readonly string[];
  /** In the order of the first time; undefined when nobody watched. */
  readonly denied: readonly DeniedCall[] | undefined;
  readonly behaviour: Behaviour;
}

const JOURNAL = "journal.jsonl";
const OWNER = "owner";
/** One letter for each run that begins, ends or is broken off, so that runs lost by a kill are known. */
const TURNS = "turns";
const TURN = { begun: "b", ended: "e", lost: "l" } as const;
/** Output beyond this is in the log file only. */
const KEPT_OUTPUT = 4096;

/**
 * All runs of a search, on disk. Each is one line that is written when the run has ended, and counts only when it is
 * complete: whenever we are killed, what is lost is the runs that were under way.
 */
export class Journal {
  readonly folder: string;
  readonly runs: RunRecord[];
  /** Runs that were under way when the search was killed, and have to be done again: at most one for each job. */
  readonly lost: number;
  readonly #fd: number;
  readonly #turns: number;

  private constructor(folder: string, runs: RunRecord[]) {
    this.folder = folder;
    this.runs = runs;
    this.#fd = openSync(path.join(folder, JOURNAL), "a");
    this.#turns = openSync(path.join(folder, TURNS), "a");
    const { begun, ended, lost } = readTurns(folder);
    this.lost = begun - ended - lost;
    writeSync(this.#turns, TURN.lost.repeat(this.lost));
  }

  /**
   * Opens the journal of a search, to go on with it where it was, or a new one.
   * @throws UsageError when the folder holds another search, or somebody works on this one
   */
  static open(folder: string, header: Header): Journal {
    ensureFolder(path.join(folder, "runs"));
    takeOwnership(folder);
    removeUnfinished(folder);
    const file = path.join(folder, JOURNAL);
    let runs: RunRecord[] = [];
    try {
      if (existsSync(file)) {
        const read = readJournal(folder);
        if (JSON.stringify(read.header) !== JSON.stringify(header)) {
          throw new UsageError(
            `${folder} holds the search for another command or other options; choose another --journal, or start over with --fresh`,
          );
        }
        runs = read.runs;
        // A line that was being written when we were killed.
        truncateSync(file, read.bytes);
      } else {
        writeWhole(file, `${JSON.stringify(header)}\n`);
      }
      return new Journal(folder, runs);
    } catch (error) {
      rmSync(path.join(folder, OWNER), { force: true });
      throw error;
    }
  }

  /** To be called before a run begins, and `ended` when it has come to its end or was broken off. */
  begun(): void {
    writeSync(this.#turns, TURN.begun);
  }

  ended(): void {
    writeSync(this.#turns, TURN.ended);
  }

  /** Numbers a run, writes its log, then its line. */
  add(run: Omit<RunRecord, "number">, log: string): RunRecord {
    const number = this.runs.length + 1;
    writeWhole(this.logFile(number), log);
    const { output } = run.behaviour;
    const record = {
      number,
      ...run,
      behaviour:
        output.length <= KEPT_OUTPUT || run.trial.mode === "untouched"
          ? run.behaviour
          : { ...run.behaviour, output: output.slice(-KEPT_OUTPUT) },
    };
    writeSync(this.#fd, `${JSON.stringify(record)}\n`);
    this.runs.push(record);
    return record;
  }

  logFile(number: number): string {
    return path.join(this.folder, "runs", `${number}.log`);
  }

  /** The content of a file besides the runs, when an earlier part of the search wrote it. */
  read(name: string): string | undefined {
    const file = path.join(this.folder, name);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  write(name: string, content: string): void {
    writeWhole(path.join(this.folder, name), content);
  }

  close(): void {
    closeSync(this.#fd);
    closeSync(this.#turns);
    rmSync(path.join(this.folder, OWNER), { force: true });
  }
}

/** Removes what a search wrote, and nothing else, so that it starts over. */
export function forgetSearch(folder: string): void {
  for (const name of [
    JOURNAL,
    OWNER,
    TURNS,
    "changes-folder",
    "recording.json",
    "runtime-calls",
    "report.json",
    "runs",
  ])
    rmSync(path.join(folder, name), { recursive: true, force: true });
}

/**
 * @returns also the number of bytes up to the end of the last complete line
 * @throws InputError when there is none, or it is not one of ours
 */
export function readJournal(folder: string): { header: Header; runs: RunRecord[]; bytes: number } {
  const file = path.join(folder, JOURNAL);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new InputError("there is no journal of a search", { file }, { cause });
  }
  const complete = text.slice(0, text.lastIndexOf("\n") + 1);
  const [first, ...rest] = complete.split("\n").filter(line => line !== "");
  const header = parseLine(first ?? "", file, 1) as Header;
  if (header.seccraft !== "minimize/1")
    throw new InputError("not a journal of this seccraft", { file, line: 1 });
  const runs = rest.map((line, index) => parseLine(line, file, index + 2) as RunRecord);
  return { header, runs, bytes: Buffer.byteLength(complete) };
}

/** How many runs of a search have begun, have ended or were broken off, and were lost when it was killed. */
export function readTurns(folder: string): { begun: number; ended: number; lost: number } {
  const text = readFileSync(path.join(folder, TURNS), "latin1");
  const count = (letter: string): number => text.split(letter).length - 1;
  return { begun: count(TURN.begun), ended: count(TURN.ended), lost: count(TURN.lost) };
}

function parseLine(line: string, file: string, number: number): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new InputError("not a line of a journal", { file, line: number });
}

/** Files that were being written when we were killed. */
function removeUnfinished(folder: string): void {
  for (const place of [folder, path.join(folder, "runs")]) {
    for (const name of readdirSync(place))
      if (/^\..*\.\d+\.tmp$/.test(name)) rmSync(path.join(place, name), { force: true });
  }
}

function takeOwnership(folder: string): void {
  const file = path.join(folder, OWNER);
  const owner = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  if (owner !== "" && owner !== ownIdentity() && isAlive(owner))
    throw new UsageError(`process ${owner.split(" ")[0]} works on the search in ${folder}`);
  mkdirSync(folder, { recursive: true });
  writeWhole(file, `${ownIdentity()}\n`);
}
