import type { ElfFile } from "../elf/file.ts";
import { newInsn, Op, Ref, type Machine } from "../ir.ts";
import type { CarriedArgument, KnownFunction } from "../model.ts";
import type { PclntabLayout } from "./pclntab.ts";

/** Grows the stack and starts the function that called it anew, with the registers that it has saved. */
const RESTARTS = /^runtime\.morestack(_noctxt|c)?$/;

/** Functions after which the caller does not go on. */
export function endlessFunctions(functions: readonly KnownFunction[]): Set<number> {
  return new Set(functions.filter(f => RESTARTS.test(f.name)).map(f => f.start));
}

/**
 * Who puts a number into memory for whom. AllThreadsSyscall has every thread make a call: since 1.18 through the
 * global runtime.perThreadSyscall, in 1.16 and 1.17 through a struct on the heap.
 * Source: syscall_runtime_doAllThreadsSyscall in runtime/os_linux.go, allThreadsCaller in syscall/syscall_linux.go.
 */
const CARRIERS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    "runtime.runPerThreadSyscall": ["syscall.runtime_doAllThreadsSyscall"],
    // Some compilers put the former into its only caller.
    "runtime.sighandler": ["syscall.runtime_doAllThreadsSyscall"],
    "syscall.(*allThreadsCaller).doSyscall": ["syscall.AllThreadsSyscall"],
    "syscall.(*allThreadsCaller).doSyscall6": ["syscall.AllThreadsSyscall6"],
    // The same as function values, with the methods put into them.
    "syscall.(*allThreadsCaller).doSyscall-fm": ["syscall.AllThreadsSyscall"],
    "syscall.(*allThreadsCaller).doSyscall6-fm": ["syscall.AllThreadsSyscall6"],
  }),
);

/** The number is the first argument: in the first register, or on the stack above the return address. */
export function carriedNumbers(
  functions: readonly KnownFunction[],
  usesRegisters: boolean,
): Map<number, readonly CarriedArgument[]> {
  const carried = new Map<number, readonly CarriedArgument[]>();
  const place = usesRegisters ? { register: 0, slot: 0 } : { register: -1, slot: 8 };
  for (const { start, name } of functions) {
    const from = CARRIERS.get(name);
    if (from === undefined) continue;
    const sources = functions.filter(f => from.includes(f.name));
    carried.set(
      start,
      sources.map(f => ({ function: f.start, ...place })),
    );
  }
  return carried;
}

/** Whether Go passes arguments in registers: since 1.17 on x86_64, since 1.18 on aarch64. */
export function usesRegisters(elf: ElfFile, version: string | undefined, layout: PclntabLayout): boolean {
  if (layout === "1.2") return false;
  if (layout !== "1.16") return true;
  const minor = Number(/^go1\.(\d+)/.exec(version ?? "")?.[1] ?? 16);
  return elf.machine === "x86_64" && minor >= 17;
}

/** SYS_FCNTL. */
const FCNTL = { x86_64: 72, aarch64: 25 } as const;
/** Functions of the standard library and of golang.org/x/sys (vendored too) that call fcntl through a variable. */
const FCNTL_CALLERS =
  /(^|\/)(syscall\.(FcntlFlock|forkAndExecInChild1?)|internal\/syscall\/unix\.(Fcntl|IsNonblock)|internal\/poll\.(newPipe|newTempPipe|DupCloseOnExec|fcntl)|golang\.org\/x\/sys\/unix\.(fcntl|Fcntl\w*)|os\.(NewFile|newFile\w*)|net\.newFileFD)$/;

/**
 * The variables that hold SYS_FCNTL: only 32-bit architectures ever change them.
 * Source: syscall/flock_linux.go, golang.org/x/sys/unix/fcntl.go.
 */
export function fcntlWords(elf: ElfFile, machine: Machine, functions: readonly KnownFunction[]): Set<number> {
  const found = new Set<number>();
  const lifter = machine.lifter({ bytes: elf.bytes, absolute: false, low: 0, high: 0 });
  const insn = newInsn();
  for (const { start, end, name } of functions) {
    if (!FCNTL_CALLERS.test(name)) continue;
    const offset = elf.offsetOf(start);
    lifter.reset({ address: start, offset, length: end - start });
    for (let at = start; at < end; at += insn.length) {
      lifter.lift(at, offset + at - start, offset + end - start, insn);
      const isRead = insn.op === Op.load && insn.refKind === Ref.read && insn.size === 8;
      if (isRead && elf.u64(insn.ref) === FCNTL[elf.machine]) found.add(insn.ref);
    }
  }
  return found;
}
