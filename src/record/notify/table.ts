import process from "node:process";
import { abiByAudit, abisOfMachine, type Abi, type AbiName } from "../../abi/abi.ts";
import { syscallByNumber } from "../../abi/syscalls.ts";
import type { Phase } from "../../evidence/model.ts";
import type { Listener } from "../../linux/notify.ts";
import { recordedArguments, RECORDED_NUMBERS } from "../recorded.ts";
import type { SeenCall } from "./protocol.ts";

/** Distinct values kept of one argument. */
const MAX_VALUES = 64;

interface Entry {
  readonly abi: Abi;
  readonly number: number;
  readonly phase: Phase;
  readonly executable: string | undefined;
  readonly label: SeenCall["label"];
  readonly firstSeen: number;
  readonly recorded: number;
  readonly values: (Set<bigint> | undefined)[];
  count: number;
}

interface Group {
  readonly executable: string | undefined;
  readonly phase: Phase;
  readonly label: SeenCall["label"];
  readonly calls: Map<number, Entry>;
}

/** Counts calls by executable, phase, ABI and number. */
export class CallTable {
  readonly #entries = new Map<string, Map<number, Entry>>();
  readonly #abis = abisOfMachine(process.arch);
  readonly #recorded = recordedArguments(this.#abis);
  #last: Group | undefined;

  /** Counts the call that the listener holds; true when this ABI and number are new for the executable and phase. */
  add(
    listener: Listener,
    executable: string | undefined,
    phase: Phase,
    label: SeenCall["label"],
    now: () => number,
  ): boolean {
    const calls = this.#group(executable, phase, label);
    const number = listener.number;
    const audit = listener.audit;
    // Two machine words fit into a double: the number, and which audit value.
    const key = (audit % 4096) * 2 ** 33 + (audit >= 2 ** 31 ? 2 ** 32 : 0) + (number >>> 0);
    let entry = calls.get(key);
    const isNew = entry === undefined;
    if (entry === undefined) {
      const abi = abiByAudit(audit, number >>> 0);
      if (abi === undefined)
        throw new Error(`the kernel reports a call on the unknown ABI 0x${audit.toString(16)}`);
      entry = {
        abi,
        number: number >>> 0,
        phase,
        executable,
        label,
        firstSeen: now(),
        recorded: this.#recordedBits(abi, number),
        values: [],
        count: 0,
      };
      calls.set(key, entry);
    }
    entry.count++;
    if (entry.recorded !== 0) recordValues(entry, listener);
    return isNew;
  }

  /** The calls of one executable in one phase; nearly always those that were asked for last. */
  #group(executable: string | undefined, phase: Phase, label: SeenCall["label"]): Map<number, Entry> {
    const last = this.#last;
    if (last?.executable === executable && last?.phase === phase && last.label === label) return last.calls;
    const key = `${label ?? ""}\0${phase}\0${executable ?? ""}`;
    const calls = this.#entries.get(key) ?? new Map<number, Entry>();
    this.#entries.set(key, calls);
    this.#last = { executable, phase, label, calls };
    return calls;
  }

  calls(): SeenCall[] {
    const seen: SeenCall[] = [];
    for (const group of this.#entries.values())
      for (const entry of group.values()) seen.push(describe(entry));
    return seen;
  }

  #recordedBits(abi: Abi, number: number): number {
    const slot = this.#abis.indexOf(abi);
    const at = (number >>> 0) - abi.numberBase;
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
