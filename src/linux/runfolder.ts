import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { MachineError } from "../errors.ts";
import { removeCgroupByName } from "./cgroup.ts";
import { processStat } from "./processes.ts";

/** What a run makes outside of its folder, and a later run has to remove when this one is killed. */
export type Leftover =
  /** A cgroup, by its name in the hierarchy. */
  | { readonly kind: "cgroup"; readonly name: string }
  /** A file or folder, by its absolute path. */
  | { readonly kind: "file"; readonly path: string }
  | EngineLeftover;

/** What an engine made; the engine removes it. */
export type EngineLeftover =
  | {
      readonly kind: "container" | "image";
      readonly engine: "docker";
      /** Address of the engine. */
      readonly endpoint: string;
      readonly name: string;
    }
  | {
      readonly kind: "container";
      readonly engine: "runc";
      /** runc's folder of states. */
      readonly root: string;
      readonly name: string;
    };

/** Removes what an engine made; true when it was there. */
export type RemoveOfEngine = (leftover: EngineLeftover) => Promise<boolean>;

/** A folder of this process, for its temporary files and the note of what it makes elsewhere. */
export interface RunFolder {
  readonly path: string;
  /** Notes what is about to be made, so that it gets removed whatever happens to us. Returns the same. */
  note(leftover: Leftover): Leftover;
  /** Takes back a note when the thing has been removed. */
  forget(leftover: Leftover): void;
  /** Removes whatever is still noted, then the folder. */
  close(): Promise<void>;
}

const NOTES = "leftovers";

/**
 * Opens a folder for this process, and first cleans up after runs that were killed.
 * @param removeOfEngine for commands that work with containers, and clean up after others that did
 * @returns the folder, and for each thing that was cleaned up, or could not be, one line about it.
 * @throws MachineError when the folder above it is not safely ours.
 */
export async function openRunFolder(
  removeOfEngine: RemoveOfEngine = noEngine,
): Promise<{ folder: RunFolder; cleaned: string[] }> {
  const cleaned = await cleanUp(ownBase(), removeOfEngine);
  const name = `${ownName()}-${opened++}`;
  for (;;) {
    const folder = path.join(ownBase(), name);
    try {
      mkdirSync(folder, { mode: 0o700 });
      return { folder: new NotedFolder(folder, removeOfEngine), cleaned };
    } catch (error) {
      // The last run that had a folder there has just removed the one above it.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

let opened = 0;

function noEngine({ engine }: EngineLeftover): Promise<boolean> {
  return Promise.reject(new Error(`the next \`seccraft craft\` will (${engine})`));
}

class NotedFolder implements RunFolder {
  readonly path: string;
  readonly #removeOfEngine: RemoveOfEngine;
  #noted: Leftover[] = [];

  constructor(folder: string, removeOfEngine: RemoveOfEngine) {
    this.path = folder;
    this.#removeOfEngine = removeOfEngine;
  }

  note(leftover: Leftover): Leftover {
    this.#noted.push(leftover);
    appendFileSync(path.join(this.path, NOTES), `${JSON.stringify(leftover)}\n`);
    return leftover;
  }

  forget(leftover: Leftover): void {
    this.#noted = this.#noted.filter(other => other !== leftover);
    const text = this.#noted.map(other => `${JSON.stringify(other)}\n`).join("");
    const file = path.join(this.path, NOTES);
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }

  async close(): Promise<void> {
    for (const leftover of this.#noted.toReversed()) await remove(leftover, this.#removeOfEngine);
    rmSync(this.path, { recursive: true, force: true });
    try {
      rmdirSync(path.dirname(this.path));
    } catch {
      // Another run has its folder there.
    }
  }
}

/** /tmp is everybody's: what is there under our name may be a trap. */
function ownBase(): string {
  const uid = process.geteuid?.() ?? -1;
  const base = path.join(tmpdir(), `seccraft-${uid}`);
  try {
    mkdirSync(base, { mode: 0o700 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") {
      throw new MachineError(`cannot make ${base}`, "Set TMPDIR to a folder of yours.", { cause });
    }
  }
  const stat = lstatSync(base);
  if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o077) !== 0) {
    throw new MachineError(
      `${base} is not a folder of your own that is closed to others`,
      "Remove it, or set TMPDIR to a folder of yours.",
    );
  }
  return base;
}

/** The pid namespace, the pid in it, and when it started: no other process has ever had this name since the boot. */
function ownName(): string {
  return `${pidNamespace()}-${process.pid}-${processStat(process.pid)?.started ?? "0"}`;
}

function pidNamespace(): bigint {
  return statSync("/proc/self/ns/pid", { bigint: true }).ino;
}

function isDead(name: string): boolean {
  const [namespace, pid, started] = name.split("-");
  if (namespace !== pidNamespace().toString() || !/^\d+-\d+-\d+-\d+$/.test(name)) return false;
  return processStat(Number(pid))?.started !== started;
}

async function cleanUp(base: string, removeOfEngine: RemoveOfEngine): Promise<string[]> {
  const lines: string[] = [];
  for (const name of readdirSync(base).filter(isDead).sort()) {
    const folder = path.join(base, name);
    let failed = false;
    for (const leftover of readNotes(folder)) {
      const what = leftover.kind === "file" ? leftover.path : `${leftover.kind} ${leftover.name}`;
      try {
        if (await remove(leftover, removeOfEngine)) lines.push(what);
      } catch (error) {
        failed = true;
        lines.push(`${what}: could not be removed: ${(error as Error).message}`);
      }
    }
    if (failed) continue;
    rmSync(folder, { recursive: true, force: true });
    lines.push(folder);
  }
  return lines;
}

function readNotes(folder: string): Leftover[] {
  let text: string;
  try {
    text = readFileSync(path.join(folder, NOTES), "utf8");
  } catch {
    return [];
  }
  const leftovers: Leftover[] = [];
  for (const line of text.split("\n")) {
    try {
      leftovers.push(JSON.parse(line) as Leftover);
    } catch {
      // The last line of a run that was killed while it wrote; what it announces was never made.
    }
  }
  return leftovers.reverse();
}

/** True when it was there. */
async function remove(leftover: Leftover, removeOfEngine: RemoveOfEngine): Promise<boolean> {
  if (leftover.kind === "cgroup") return await removeCgroupByName(leftover.name);
  if (leftover.kind !== "file") return await removeOfEngine(leftover);
  if (lstatSync(leftover.path, { throwIfNoEntry: false }) === undefined) return false;
  rmSync(leftover.path, { recursive: true, force: true });
  return true;
}
