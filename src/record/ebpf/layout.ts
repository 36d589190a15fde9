/**
 * What the eBPF programs and their reader agree on. All numbers are little-endian.
 *
 * A process belongs to a *row* (its executable). A *page* counts for one row, phase and ABI, and has one *cell* a
 * syscall number. Per CPU, the page of the process that called last is remembered, so that a call costs no hash look-up.
 */

/** Numbers at or above this do not fit into a page and are counted in the map `odd`. */
export const PAGE_NUMBERS = 1024;
export const PAGE_SHIFT = 10;
export const MAX_PAGES = 512;
export const CELL_SHIFT = 4;
export const MAX_CELLS: number = MAX_PAGES * PAGE_NUMBERS;

/** Calls that found no free page: their number and ABI-less count, nothing else. */
export const OVERFLOW_PAGE = 1;
export const FIRST_PAGE = 2;

/** A process of the target that has not exec'ed since we look: the launcher, or one that was there before. */
export const UNKNOWN_ROW = 0;
/** All executables beyond MAX_ROWS. */
export const OVERFLOW_ROW = 1;
/** In a container: a process that has loaded its filter and not yet executed the program, which is the runtime's. */
export const RUNTIME_ROW = 2;
export const FIRST_ROW = 3;
/** Bit of a row: the process, or an ancestor of it, entered a container that ran already. */
export const ENTERED = 0x10000;
export const MAX_ROWS = 1024;

/** Distinct values kept of one argument in one cell. */
export const MAX_VALUES = 64;
export const PATH_BYTES = 256;

/** cell = u64 count, then u64: nanoseconds of the first call << 6 | indexes of the arguments to record. */
export const CELL = { count: 0, first: 8 } as const;
export const FIRST_SHIFT = 6;

/** `starts`: how many processes of a container have loaded a filter and were unknown before. */
export const STATE = { generation: 0, phase: 8, nextPage: 12, nextRow: 16, starts: 20, bytes: 64 } as const;
export const CACHE = { generation: 0, process: 8, pages: 12, bytes: 24 } as const;

export const PHASES = ["runtime", "startup", "serving", "shutdown"] as const;

/** Indexes of the ABIs that a machine can run, as the programs number them: native, 32-bit, x32. */
export const ABI_SLOTS = 3;

export interface MachineRegisters {
  /** Where a 32-bit call is told from a native one: a bit in the registers, or in the task's `thread_info.status`. */
  readonly compat: { readonly in: "registers" | "status"; readonly offset: number; readonly mask: number };
  /** Offset of the syscall number that is still there at the call's end. */
  readonly number: number;
  /** Offset of the first argument that is still there at the call's end. */
  readonly firstArgument: number;
  readonly native: readonly number[];
  readonly compatArguments: readonly number[];
  /** The 32-bit ABI told apart by bit 30 of the number, if any. */
  readonly x32: boolean;
}

/** `struct pt_regs`: arch/x86/include/asm/ptrace.h, arch/arm64/include/asm/ptrace.h. */
export const REGISTERS: Readonly<Record<string, MachineRegisters>> = {
  x64: {
    // TS_COMPAT: the code segment does not tell, because 64-bit code may call through int 0x80.
    compat: { in: "status", offset: 0, mask: 0x2 },
    number: 120,
    firstArgument: 112,
    native: [112, 104, 96, 56, 72, 64],
    compatArguments: [40, 88, 96, 104, 112, 32],
    x32: true,
  },
  arm64: {
    compat: { in: "registers", offset: 264, mask: 0x10 },
    number: 280,
    firstArgument: 272,
    native: [0, 8, 16, 24, 32, 40],
    compatArguments: [0, 8, 16, 24, 32, 40],
    x32: false,
  },
};
