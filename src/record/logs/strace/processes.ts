import { type AbiName, abiByName, abisOfMachine } from "../../../abi/abi.ts";
import { syscallByName, syscallByNumber } from "../../../abi/syscalls.ts";
import type { Prefix } from "./line.ts";

/** Processes alive at once that are told apart; a hostile log has more. */
const MAX_PROCESSES = 50_000;

/** Calls of one name by one program image of one process. */
export interface NamedCalls {
  count: number;
  /** On the log's clock. */
  first: number;
  readonly errnos: Map<string, number>;
}

/** What a process did between two execs. Which ABI its names belong to may only show at the end. */
export interface Image {
  readonly executable: string | undefined;
  /** As announced by strace or shown by numbers or pointers; undefined as long as nothing tells. */
  abi: AbiName | undefined;
  readonly calls: Map<string, NamedCalls>;
}

export interface Process {
  readonly pid: number;
  image: Image;
  comm: string | undefined;
  /** A call whose end is still to come. */
  pending: { readonly name: string; readonly rest: string; readonly seconds: number | undefined } | undefined;
}

export function newImage(executable: string | undefined, abi: AbiName | undefined): Image {
  return { executable, abi, calls: new Map() };
}

/** What a child starts with; shared by the files of one `strace -ff`. */
export type Births = Map<
  number,
  { readonly executable: string | undefined; readonly abi: AbiName | undefined }
>;

const CREATORS: ReadonlySet<string> = new Set(["clone", "clone3", "fork", "vfork"]);

/** The processes of one strace log. */
export class Processes {
  readonly #alive = new Map<number, Process>();
  readonly #births: Births;
  readonly #retire: (image: Image) => void;

  /** @param retire is given each image when nothing can be added to it any more. */
  constructor(births: Births, retire: (image: Image) => void) {
    this.#births = births;
    this.#retire = retire;
  }

  of(pid: number): Process {
    const known = this.#alive.get(pid);
    if (known !== undefined) return known;
    if (this.#alive.size >= MAX_PROCESSES) {
      const [oldest] = this.#alive.keys();
      if (oldest !== undefined) this.end(oldest);
    }
    const birth = this.#births.get(pid) ?? this.#parentInTheAct();
    const process: Process = {
      pid,
      image: newImage(birth?.executable, birth?.abi),
      comm: undefined,
      pending: undefined,
    };
    this.#alive.set(pid, process);
    return process;
  }

  /** A child often shows before its parent's call returns: if only one process is in such a call, it is the parent. */
  #parentInTheAct(): Image | undefined {
    if (this.#alive.size > 1000) return undefined;
    const parents = [...this.#alive.values()].filter(({ pending }) => CREATORS.has(pending?.name ?? ""));
    return parents.length === 1 ? parents[0]?.image : undefined;
  }

  /** Notes the child that a call returned. */
  born(parent: Process, name: string, child: number | undefined): void {
    if (!CREATORS.has(name) || child === undefined || child <= 0 || this.#births.size >= MAX_PROCESSES)
      return;
    this.#births.set(child, { executable: parent.image.executable, abi: parent.image.abi });
  }

  /** Gives a process another image: after an exec, or when it changes its ABI. */
  replace(process: Process, image: Image): void {
    this.#retire(process.image);
    process.image = image;
  }

  end(pid: number): void {
    const process = this.#alive.get(pid);
    if (process === undefined) return;
    this.#retire(process.image);
    this.#alive.delete(pid);
  }

  /** Hands over what all images have done so far. */
  settle(): void {
    for (const { image } of this.#alive.values()) {
      this.#retire(image);
      image.calls.clear();
    }
  }

  all(): Iterable<Process> {
    return this.#alive.values();
  }

  endAll(): void {
    for (const pid of this.#alive.keys()) this.end(pid);
  }
}

/** The ABI of strace's `runs in … mode`, relative to the machine's own. */
export function abiOfMode(machine: AbiName, mode: string): AbiName | undefined {
  if (mode === "x32") return "x32";
  const own = abisOfMachine(machine);
  return own.find(abi => abi.bits === (mode === "32" ? 32 : 64) && abi.name !== "x32")?.name;
}

/** What the instruction pointer (-i) or the number (-n) in front of a call say about its ABI. */
export function abiOfPrefix(machine: AbiName, prefix: Prefix, name: string): AbiName | undefined {
  if (prefix.pointerDigits === 8 && abiByName(machine)?.bits === 64) return abiOfMode(machine, "32");
  if (prefix.number === undefined) return undefined;
  const number = prefix.number;
  return abisOfMachine(machine).find(abi => syscallByNumber(abi.name, number)?.name === name)?.name;
}

/** A syscall's number by the name strace gives it; `syscall_0x1a5` where strace knows none. */
export function numberOf(abi: AbiName, name: string): number | undefined {
  const bare = /^syscall_(0x[0-9a-f]{1,8}|\d{1,9})$/.exec(name);
  if (bare !== null) return Number(bare[1]);
  return syscallByName(abi, name)?.number;
}

/**
 * The ABI of an image about which the log says nothing (strace announces 32-bit mode only on a terminal): the
 * machine's own, unless a name is there that only another of its ABIs has.
 */
export function guessAbi(machine: AbiName, names: Iterable<string>): AbiName {
  const [own = machine, ...others] = abisOfMachine(machine).map(abi => abi.name);
  for (const name of names) {
    if (numberOf(own, name) !== undefined) continue;
    const other = others.find(abi => numberOf(abi, name) !== undefined);
    if (other !== undefined) return other;
  }
  return own;
}
