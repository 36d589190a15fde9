import type { AbiName } from "./abi.ts";

/** One system call on one ABI. */
export interface Syscall {
  readonly name: string;
  /** As `seccomp_data.nr` shows it, the ABI's base included. */
  readonly number: number;
  /** Names of the arguments in order, from the kernel's SYSCALL_DEFINE; undefined where no source gives them. */
  readonly args: readonly string[] | undefined;
  /** First kernel version that has it, `"5.9"`; undefined where no source gives it. */
  readonly since: string | undefined;
}

const TABLES: Partial<Record<AbiName, readonly Syscall[]>> = {};

/** All syscalls of an ABI, by number. */
export function syscallsOf(abi: AbiName): readonly Syscall[] {
  return TABLES[abi] ?? [];
}

export function syscallByNumber(abi: AbiName, number: number): Syscall | undefined {
  return syscallsOf(abi).find(call => call.number === number);
}

export function syscallByName(abi: AbiName, name: string): Syscall | undefined {
  return syscallsOf(abi).find(call => call.name === name);
}
