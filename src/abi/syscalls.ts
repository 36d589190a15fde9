import { ABIS, type AbiName } from "./abi.ts";
import { NUMBERS, SIGNATURES } from "./syscalls.gen.ts";

/** One system call on one ABI. */
export interface Syscall {
  readonly name: string;
  /** As `seccomp_data.nr` shows it, the ABI's base included. */
  readonly number: number;
  /**
   * Names of the arguments in order, from the kernel's SYSCALL_DEFINE; undefined where no source gives them.
   * A 64-bit argument on a 32-bit ABI is two, `NAME_lo` and `NAME_hi`. At most the six that seccomp sees.
   */
  readonly args: readonly string[] | undefined;
  /** First kernel version that has it on any ABI, `"5.9"`; undefined where no source gives it. */
  readonly since: string | undefined;
}

/** The newest kernel whose calls the tables hold (sources: tools/data/syscall-numbers.tsv). */
export const TABLES_LINUX_VERSION = "7.2";

/** ABIs that have the numbers of another one. */
const SAME_NUMBERS: Partial<Record<AbiName, AbiName>> = {
  ppc64le: "ppc64",
  mipsel: "mips",
  mipsel64: "mips64",
  mipsel64n32: "mips64n32",
  sheb: "sh",
};

interface Signature {
  readonly since: string | undefined;
  /** Arguments by ABI, `*` for the others. */
  readonly args: Map<string, readonly string[] | undefined>;
}

interface Table {
  readonly calls: readonly Syscall[];
  readonly byNumber: ReadonlyMap<number, Syscall>;
  readonly byName: ReadonlyMap<string, Syscall>;
}

let signatures: Map<string, Signature> | undefined;
const tables = new Map<AbiName, Table>();

function parseArgs(text: string): readonly string[] | undefined {
  if (text === "?") return undefined;
  return text === "" ? [] : text.split(",");
}

function loadSignatures(): Map<string, Signature> {
  const found = new Map<string, Signature>();
  let current: Signature | undefined;
  for (const line of SIGNATURES.trim().split("\n")) {
    const [name = "", second = "", args = ""] = line.split("|");
    if (name === "") {
      for (const abi of second.split(",")) current?.args.set(abi, parseArgs(args));
    } else {
      current = { since: second === "" ? undefined : second, args: new Map([["*", parseArgs(args)]]) };
      found.set(name, current);
    }
  }
  return found;
}

function argsFor(signature: Signature | undefined, abi: AbiName, table: AbiName): Syscall["args"] {
  const args = signature?.args;
  const key = [abi, table].find(name => args?.has(name) === true);
  return args?.get(key ?? "*");
}

function load(abi: AbiName): Table {
  signatures ??= loadSignatures();
  const table = SAME_NUMBERS[abi] ?? abi;
  const base = ABIS.find(known => known.name === abi)?.numberBase ?? 0;
  const calls: Syscall[] = [];
  let next = 0;
  for (const word of (NUMBERS[table] ?? "").split(/\s/)) {
    if (/^\d/.test(word)) {
      next = Number(word);
      continue;
    }
    const signature = signatures.get(word);
    calls.push({
      name: word,
      number: base + next,
      args: argsFor(signature, abi, table),
      since: signature?.since,
    });
    next += 1;
  }
  return {
    calls,
    byNumber: new Map(calls.map(call => [call.number, call])),
    byName: new Map(calls.map(call => [call.name, call])),
  };
}

function tableOf(abi: AbiName): Table {
  let table = tables.get(abi);
  if (table === undefined) {
    table = load(abi);
    tables.set(abi, table);
  }
  return table;
}

let names: ReadonlySet<string> | undefined;

/** The names of the syscalls of all ABIs. */
export function syscallNames(): ReadonlySet<string> {
  names ??= new Set(ABIS.flatMap(abi => tableOf(abi.name).calls.map(call => call.name)));
  return names;
}

/** All syscalls of an ABI, by number. */
export function syscallsOf(abi: AbiName): readonly Syscall[] {
  return tableOf(abi).calls;
}

/** `number` as `seccomp_data.nr` shows it, the ABI's base included. */
export function syscallByNumber(abi: AbiName, number: number): Syscall | undefined {
  return tableOf(abi).byNumber.get(number);
}

/** By the kernel's own name, which is also libseccomp's; undefined where this ABI lacks the call. */
export function syscallByName(abi: AbiName, name: string): Syscall | undefined {
  return tableOf(abi).byName.get(name);
}
