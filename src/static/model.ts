import type { ElfFile } from "./elf/file.ts";

/** A function whose extent is known for certain: its code is decoded from start to end, in order. */
export interface KnownFunction {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly name: string;
}

/** What a language's own tables say about one file, beyond what any ELF file says. */
export interface LanguageFacts {
  readonly language: "go";
  /** Version of the toolchain, `go1.21.3`, as far as known. */
  readonly version: string | undefined;
  /** Ascending by start, without overlaps. They replace symbols and unwind entries in their ranges. */
  readonly functions: readonly KnownFunction[];
  /** Registers that calls between these functions preserve, as a bit mask. */
  readonly preserved: number;
  /** Functions that count as reached although no call to them is seen (in Go: all of pclntab, unless proven otherwise). */
  readonly roots: readonly LanguageRoot[];
  /** Sites that the language's tables or conventions answer better than value propagation does. */
  readonly answers: ReadonlyMap<number, LanguageAnswer>;
  /**
   * Functions after which control never comes back to the caller as it was: they end the thread, or start the caller anew
   * with the arguments that it had.
   */
  readonly endless: ReadonlySet<number>;
  /** Words of writable data that keep their first value, whatever stores into them seem possible. */
  readonly constantWords: ReadonlySet<number>;
  /** By start of a function that reads a number from memory: the arguments of other functions that it was put there from. */
  readonly throughMemory: ReadonlyMap<number, readonly CarriedArgument[]>;
  /** False: words in data that look like addresses of these functions need not be followed, the roots cover them. */
  readonly followData: boolean;
}

/** An argument as a function gets it: in a register, or (register -1) on the stack at `slot` bytes from SP at its entry. */
export interface CarriedArgument {
  /** Start of the function. */
  readonly function: number;
  readonly register: number;
  readonly slot: number;
}

export interface LanguageRoot {
  /** Start of one of `functions`. */
  readonly address: number;
  /** When it can run first. */
  readonly phase: RootPhase;
}

/** `main` code runs after start-up; `startup` before the program's own main. */
export type RootPhase = "startup" | "main";

/** Numbers that the site at an address can make, or a gap. */
export interface LanguageAnswer {
  readonly numbers: readonly number[];
  /** Set when there may be more than these: one sentence why. */
  readonly gap?: string;
}

/** Reads a language's tables; undefined when the file is not of that language. Throws `InputError` for damaged tables only. */
export type LanguageReader = (elf: ElfFile) => LanguageFacts | undefined;

/** What the code of one function (a range with a known extent, or what descent from an entry finds) refers to. */
export interface FunctionScan {
  readonly start: number;
  /** Exclusive end of the range; of a function found by descent, of its last instruction. */
  readonly end: number;
  /** Pairs: site, target of a direct call. */
  readonly calls: readonly number[];
  /**
   * Pairs: site, target of a jump, branch or fall-through that leaves the range (tail calls, cold parts). Control
   * arrives with the registers as they are after the instruction at the site.
   */
  readonly jumps: readonly number[];
  /** Triples: site, address of a GOT slot or function pointer in memory, `SlotUse`. */
  readonly slots: readonly number[];
  /** Pairs: site, address in code that becomes a value. */
  readonly taken: readonly number[];
  /** Pairs: site, address in data that the code mentions, read, written or taken. */
  readonly data: readonly number[];
  /** Sites that enter the kernel. */
  readonly syscalls: readonly number[];
  /** Sites that enter the kernel by a foreign ABI (INT 80h). */
  readonly foreign: readonly number[];
  /** Sites of indirect calls and jumps whose target is not a slot. */
  readonly indirect: readonly number[];
  /** Whether it has a return or a computed jump; without one it returns only if what it jumps to does. */
  readonly returns: boolean;
}

export const SlotUse = { call: 0, jump: 1, load: 2 } as const;
