import process from "node:process";
import { abiByAudit, abisOfMachine, type Abi, type AbiName } from "../../abi/abi.ts";
import { syscallByNumber } from "../../abi/syscalls.ts";
import type { Phase } from "../../evidence/model.ts";
import type { Listener } from "../../linux/notify.ts";
import { recordedArguments, RECORDED_NUMBERS } from "../recorded.ts";
import type { SeenCall } from "./protocol.ts";

/** Distinct values kept of one argument. */
const MAX_VALUES = 64;

/** What the supervisor has to do after a call because something that it remembers about a thread changes. */
export type Hook = "exec" | "fork" | "exit" | "seccomp";

const HOOKS: ReadonlyMap<string, Hook> = new Map([
  ["execve", "exec"],
  ["execveat", "exec"],
  ["fork", "fork"],
  ["vfork", "fork"],
  ["clone", "fork"],
  ["clone3", "fork"],
  ["exit", "exit"],
  ["exit_group", "exit"],
  ["seccomp", "seccomp"],
]);

/** One call by one executable in one phase, and how often it came. */
export interface Entry {
  readonly abi: Abi;
  readonly number: number;
  readonly phase: Phase;
  readonly executable: string | undefined;
  readonly label: SeenCall["label"];
  readonly firstSeen: number;
  readonly recorded: number;
  readonly hook: Hook | undefined;
  readonly values: (Set<bigint> | undefined)[];
  count: number;
}

interface Group {
  readonly audit: number;
  readonly executable: string | undefined;
  readonly phase: Phase;
  readonly label: SeenCall["label"];
  readonly calls: Map<number, Entry>;
}

/** Counts calls by executable, phase, ABI and number. */
export class CallTable {
  readonly #groups = new Map<string, Group>();
  readonly #abis = abisOfMachine(process.arch);
  readonly #recorded = recordedArguments(this.#abis);
  readonly #now: () => number;
  #last: Group | undefined;

  /** `now` gives the seconds since the start of the recording. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts the call that the listener holds; its count is 1 when it is new for the executable and phase. */
  add(listener: Listener, executable: string | undefined, phase: Phase, label: SeenCall["label"]): Entry {
    const group = this.#group(listener.audit, executable, phase, label);
    const number = listener.number;
    let entry = group.calls.get(number);
    if (entry === undefined) {
      entry = this.#entry(group, number);
      group.calls.set(number, entry);
    }
    entry.count++;
    if (entry.recorded !== 0) recordValues(entry, listener);
    return entry;
  }

  #entry({ audit, executable, phase, label }: Group, number: number): Entry {
    const abi = abiByAudit(audit, number);
    if (abi === undefined)
      throw new Error(`the kernel reports a call on the unknown ABI 0x${audit.toString(16)}`);
    return {
      abi,
      number,
      phase,
      executable,
      label,
      firstSeen: this.#now(),
      recorded: this.#recordedBits(abi, number),
      hook: HOOKS.get(nameOf(abi.name, number)),
      values: [],
      count: 0,
    };
  }

  /** The calls on one kernel ABI of one executable in one phase; nearly always those that were asked for last. */
  #group(audit: number, executable: string | undefined, phase: Phase, label: SeenCall["label"]): Group {
    const last = this.#last;
    if (
      last !== undefined &&
      last.audit === audit &&
      last.executable === executable &&
      last.phase === phase &&
      last.label === label
    )
      return last;
    const key = `${label ?? ""}\0${phase}\0${audit}\0${executable ?? ""}`;
    const group = this.#groups.get(key) ?? { audit, executable, phase, label, calls: new Map() };
    this.#groups.set(key, group);
    this.#last = group;
    return group;
  }

  calls(): SeenCall[] {
    const seen: SeenCall[] = [];
    for (const group of this.#groups.values())
      for (const entry of group.calls.values()) seen.push(describe(entry));
    return seen;
  }

  #recordedBits(abi: Abi, number: number): number {
    const slot = this.#abis.indexOf(abi);
    const at = number - abi.numberBase;
    return slot < 0 || at < 0 || at >= RECORDED_NUMBERS
      ? 0
      : (this.#recorded[slot * RECORDED_NUMBERS + at] ?? 0);
  }
}

function recordValues(entry: Entry, listener: Listener): void {
  for (let index = 0; index < 6; index++) {
    if ((entry.recorded & (1 << index)) === 0) continue;
    const values = (entry.values[index] ??= new Set<bigint>());
    // One more than is kept says that there were more.
    if (values.size <= MAX_VALUES) values.add(listener.argument(index));
  }
}

function describe(entry: Entry): SeenCall {
  const values = entry.values.flatMap((set, index) => {
    if (set === undefined) return [];
    const sorted = [...set].slice(0, MAX_VALUES).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return [
      { index, values: sorted.map(value => `0x${value.toString(16)}`), complete: set.size <= MAX_VALUES },
    ];
  });
  return {
    abi: entry.abi.name,
    number: entry.number,
    syscall: nameOf(entry.abi.name, entry.number),
    phase: entry.phase,
    ...(entry.executable === undefined ? {} : { executable: entry.executable }),
    ...(entry.label === undefined ? {} : { label: entry.label }),
    count: entry.count,
    firstSeen: entry.firstSeen,
    ...(values.length === 0 ? {} : { arguments: values }),
  };
}

/** By our tables, `syscall_NUMBER` where they have no name. */
export function nameOf(abi: AbiName, number: number): string {
  return syscallByNumber(abi, number)?.name ?? `syscall_${number}`;
}
