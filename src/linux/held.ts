import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { MachineError } from "../errors.ts";
import { libc } from "./libc.ts";
import { systemCallNumber } from "./numbers.ts";
import { isAlive, ownIdentity } from "./processes.ts";
import { type Change, setThrottle, throttles } from "./throttles.ts";

/**
 * Who wants the throttles off: a process, until it ends, or `until-restore`, whoever asked for it by hand. They are
 * restored when the last one is gone.
 */
export type Holder = "process" | "until-restore";

/** What is on disk while throttles are off, so that they are restored whatever happens to us. */
interface State {
  /** Of the boot in which they were changed: the next one begins with the old values. */
  readonly boot: string;
  readonly holders: readonly string[];
  readonly changes: readonly Change[];
}

/** What was restored, and what was not because somebody else had changed it meanwhile. */
export interface Restored {
  readonly changes: readonly Change[];
  readonly left: readonly Change[];
}

/** Values that were changed, and those that could not be. */
export interface Held {
  readonly changes: readonly Change[];
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

const FOLDER = "/run/seccraft";
const FILE = path.join(FOLDER, "throttles.json");
// sys/file.h
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_MS = 10_000;
const BY_HAND = "until-restore";
const NOTHING: Restored = { changes: [], left: [] };

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
}

/** The pid namespace in front: another one's pids mean nothing to us. */
function namespace(): string {
  return statSync("/proc/self/ns/pid", { bigint: true }).ino.toString();
}

function nameOf(holder: Holder): string {
  return holder === "process" ? `${namespace()} ${ownIdentity()}` : BY_HAND;
}

function isThere(holder: string): boolean {
  if (holder === BY_HAND) return true;
  const [where, ...identity] = holder.split(" ");
  return where !== namespace() || isAlive(identity.join(" "));
}

function readState(): State | undefined {
  try {
    const state = JSON.parse(readFileSync(FILE, "utf8")) as State;
    return state.boot === bootId() ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Written and on disk before anything is changed. */
function writeState(state: State): void {
  const fresh = `${FILE}.new`;
  const fd = openSync(fresh, "w", 0o600);
  try {
    writeFileSync(fd, `${JSON.stringify(state)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, FILE);
}

function requireFolder(): void {
  try {
    mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    throw new MachineError(`${FOLDER} cannot be made (${code})`, "Changing throttles needs root.", { cause });
  }
  const stat = lstatSync(FOLDER, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory() || stat.uid !== process.geteuid?.() || (stat.mode & 0o022) !== 0)
    throw new MachineError(`${FOLDER} is not a folder of root's that is closed to others`, "Remove it.");
}

/** One of us at a time, by a lock on the folder, which the kernel takes from whoever dies. */
async function locked<T>(body: () => T): Promise<T> {
  const deadline = Date.now() + LOCK_MS;
  for (;;) {
    requireFolder();
    const fd = openFolder();
    const mine = fd !== undefined && lockNow(fd) && isFolder(fd);
    try {
      if (mine) return body();
    } finally {
      // An empty one is of no use; whoever waits for its lock finds that it is gone.
      if (mine) removeIfEmpty();
      if (fd !== undefined) closeSync(fd);
    }
    if (Date.now() > deadline) {
      throw new MachineError(
        `another seccraft has been changing throttles for ${LOCK_MS / 1000} s`,
        "Try again when it has ended.",
      );
    }
    await sleep(10);
  }
}

/** Undefined when somebody has just removed it. */
function openFolder(): number | undefined {
  try {
    return openSync(FOLDER, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function lockNow(fd: number): boolean {
  return libc().syscall(systemCallNumber("flock"), fd, LOCK_EX | LOCK_NB, 0, 0, 0) === 0;
}

function isFolder(fd: number): boolean {
  return statSync(FOLDER, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
}

function removeIfEmpty(): void {
  try {
    rmdirSync(FOLDER);
  } catch {
    // It holds the state.
  }
}

/** Puts back what is still as we left it. */
function restore({ changes }: State): Restored {
  const now = new Map(throttles().map(({ name, value }) => [name, value]));
  const ours = changes.filter(({ name, during }) => now.get(name) === during);
  for (const { name, before } of ours.toReversed()) setThrottle(name, before);
  rmSync(FILE, { force: true });
  const left = changes.filter(
    ({ name, before, during }) => ![before, during].includes(now.get(name) ?? before),
  );
  return { changes: ours, left };
}

/**
 * Switches off whatever throttles here, until `releaseThrottles`.
 * @throws MachineError when we are not root.
 */
export async function holdThrottles(holder: Holder): Promise<Held> {
  if (process.geteuid?.() !== 0) throw new MachineError("throttles are the machine's", "Run as root.");
  return await locked(() => {
    const known = readState();
    const holders = known?.holders.filter(isThere) ?? [];
    // What was left of holders that died is ours to restore now.
    const changes = [...(known?.changes ?? [])];
    const fresh = throttles().flatMap(({ name, value, wanted }) =>
      wanted === undefined || changes.some(change => change.name === name)
        ? []
        : [{ name, before: value, during: wanted }],
    );
    writeState({
      boot: bootId(),
      holders: [...new Set([...holders, nameOf(holder)])],
      changes: [...changes, ...fresh],
    });
    const refused: { name: string; reason: string }[] = [];
    for (const { name, during } of fresh) {
      try {
        setThrottle(name, during);
      } catch (error) {
        refused.push({ name, reason: (error as Error).message });
      }
    }
    return { changes: fresh.filter(({ name }) => !refused.some(other => other.name === name)), refused };
  });
}

/** Gives up a hold; restores the throttles when nobody else holds them. */
export async function releaseThrottles(holder: Holder): Promise<Restored> {
  return await settle(other => other !== nameOf(holder));
}

/** Restores what was left by processes that were killed, if nobody holds it any more. Does nothing as another user. */
export async function recoverThrottles(): Promise<Restored> {
  if (process.geteuid?.() !== 0 || !existsSync(FILE)) return NOTHING;
  return await settle(() => true);
}

async function settle(stays: (holder: string) => boolean): Promise<Restored> {
  if (!existsSync(FILE)) return NOTHING;
  return await locked(() => {
    const state = readState();
    if (state === undefined) {
      rmSync(FILE, { force: true });
      return NOTHING;
    }
    const holders = state.holders.filter(holder => stays(holder) && isThere(holder));
    if (holders.length === 0) return restore(state);
    writeState({ ...state, holders });
    return NOTHING;
  });
}

/** What is changed now, and for whom: process ids, or `until-restore`. */
export function heldThrottles(): {
  readonly changes: readonly Change[];
  readonly holders: readonly string[];
} {
  const state = readState();
  if (state === undefined) return { changes: [], holders: [] };
  const holders = state.holders
    .filter(isThere)
    .map(holder => (holder === BY_HAND ? holder : (holder.split(" ")[1] ?? "")));
  return { changes: state.changes, holders };
}
