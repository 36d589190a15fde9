/**
 * What the analysis needs to know about one machine instruction, the same for every architecture.
 * A lifter fills one mutable `Insn`, so that decoding allocates nothing.
 */

/** Where control goes after an instruction. */
export const Flow = {
  next: 0,
  /** Direct call: `target`, then the next instruction. */
  call: 1,
  /**
   * Call of a computed address: of register `src`, or through memory when `memory` is set; `ref` ≥ 0 is that
   * memory's address (a GOT slot). On AArch64 BLR and BR of a register that the same run of instructions loaded
   * from a known address count as through memory at that address.
   */
  callIndirect: 2,
  /** Direct jump: `target` only. */
  jump: 3,
  jumpIndirect: 4,
  /** `target` or the next instruction. */
  branch: 5,
  return: 6,
  /** The kernel is entered with the machine's own ABI (SYSCALL, SVC #0); continues. */
  syscall: 7,
  /** The kernel is entered with a foreign ABI (INT 80h, SYSENTER); continues. */
  foreignSyscall: 8,
  /** Does not continue: UD2, HLT, INT3, BRK. */
  stop: 9,
  /** Does not decode. */
  invalid: 10,
} as const;
export type FlowKind = (typeof Flow)[keyof typeof Flow];

/** What an instruction does to registers and memory. Values are 64-bit; `width` 4 zero-extends the result. */
export const Op = {
  /** Nothing but what `clobbers` says. */
  none: 0,
  /** dst = imm. */
  constant: 1,
  /** dst = src. */
  move: 2,
  /** dst = src + imm. */
  add: 3,
  /** dst = src & imm. */
  and: 4,
  /** dst = src | imm. */
  or: 5,
  /** dst = src ^ imm. */
  xor: 6,
  /** dst = src << imm. */
  shl: 7,
  /** dst = src >>> imm. */
  shr: 8,
  /** dst = src + src2 * scale + imm. */
  addReg: 9,
  /** dst = src or dst, whichever the flags say; with src2 ≥ 0: src or src2 + imm (CSEL, CSINC). */
  select: 10,
  /** The low byte of dst = 0 or 1, the rest stays; with width 4 or 8 all of dst. */
  bool: 11,
  /** dst = 0 or -1. */
  mask: 12,
  /** dst = memory, zero-extended from `size` bytes (sign-extended when `signed`). dst2, if ≥ 0, gets the next `size` bytes. */
  load: 13,
  /** memory = src, an unknown value if src is -1; src2, if not -1, goes to the next `size` bytes. Size 0: no one knows how much. */
  store: 14,
  /** memory = imm. */
  storeConstant: 15,
  /** dst = src sign-extended from `size` bytes. */
  signExtend: 16,
  /** dst = src | src2. */
  orReg: 17,
  /** dst and src change places. */
  exchange: 18,
  /** dst = (src & ~(0xffff << scale)) | imm; imm is shifted already (MOVK). With `size` 1, 0xff in place of 0xffff (MOV AL, imm). */
  insert: 19,
  /** What a load of the memory operand gives is stored at the new top of the stack. */
  pushLoad: 20,
} as const;
/** In `src` and `src2` of a store: zero is stored. */
export const ZERO = -2;
export type OpKind = (typeof Op)[keyof typeof Op];

/** How an instruction uses the address in `ref`. */
export const Ref = {
  none: 0,
  /** The address itself becomes a value (LEA, ADRP+ADD, an immediate in a non-PIE file). */
  taken: 1,
  /** Memory there is read. */
  read: 2,
  /** Memory there is written. */
  written: 3,
  /** As a base with an index: any element of a table that starts there or near there. */
  indexed: 4,
  /** The page of an address becomes a value (ADRP); which address in it, a later instruction says. */
  page: 5,
} as const;
export type RefKind = (typeof Ref)[keyof typeof Ref];

/** One instruction. All fields are set anew by every `lift`. */
export interface Insn {
  address: number;
  /** Bytes; at least 1, for `invalid` the smallest unit. */
  length: number;
  flow: FlowKind;
  /** Of a direct call, jump or branch; -1 otherwise. */
  target: number;
  op: OpKind;
  /** 4 or 8: bytes of the result. */
  width: number;
  /** Register numbers; -1 is none. */
  dst: number;
  dst2: number;
  src: number;
  src2: number;
  /** Constant, exact up to 2^53, signed; `NaN` for one that is larger. */
  imm: number;
  scale: number;
  /** Memory operand: [base + index * scale + disp]; all -1 for base and index when the address is `disp` alone (RIP-relative too). */
  memory: boolean;
  base: number;
  index: number;
  disp: number;
  /** Bytes read or written by load and store, or taken by signExtend; with `none`, most bytes read where more than a word can be. */
  size: number;
  signed: boolean;
  /** Added to the stack pointer after everything else (push -8, pop +8, SP write-back). NaN: changed in a way not known. */
  stack: number;
  /** If ≥ 0, the stack pointer becomes this register plus `stack` (LEAVE, MOV SP, X29). */
  stackBase: number;
  /** Bit mask of registers that get a value which `op` does not describe. dst of `op` is not in it. */
  clobbers: number;
  /** Address that the instruction mentions, -1 if none. */
  ref: number;
  refKind: RefKind;
  /** A do-nothing that may be padding. */
  nop: boolean;
  /** Register that the instruction compares with `comparedTo`, setting the flags, or -1. */
  compared: number;
  comparedTo: number;
  /** Of a branch: taken when the last comparison (or the one in the instruction itself, CBZ) found equality. */
  condition: ConditionKind;
}

/** How many bytes a store writes; infinitely many when no one knows. */
export function storedBytes(insn: Insn): number {
  return insn.size === 0 ? Number.POSITIVE_INFINITY : insn.size * (insn.src2 === -1 ? 1 : 2);
}

/** How many bytes an instruction reads at most from its memory operand. */
export function readBytes(insn: Insn): number {
  return Math.max(8, insn.size * (insn.op === Op.load && insn.dst2 >= 0 ? 2 : 1));
}

export const Condition = { other: 0, equal: 1, notEqual: 2 } as const;
export type ConditionKind = (typeof Condition)[keyof typeof Condition];

export function newInsn(): Insn {
  return {
    address: 0,
    length: 1,
    flow: Flow.invalid,
    target: -1,
    op: Op.none,
    width: 8,
    dst: -1,
    dst2: -1,
    src: -1,
    src2: -1,
    imm: 0,
    scale: 1,
    memory: false,
    base: -1,
    index: -1,
    disp: 0,
    size: 0,
    signed: false,
    stack: 0,
    stackBase: -1,
    clobbers: 0,
    ref: -1,
    refKind: Ref.none,
    nop: false,
    compared: -1,
    comparedTo: 0,
    condition: Condition.other,
  };
}

/** Makes an instruction one of `length` bytes that does nothing; lifters then say what it does. */
export function clearInsn(out: Insn, address: number, length: number): void {
  out.address = address;
  out.length = length;
  out.flow = Flow.next;
  out.target = -1;
  out.op = Op.none;
  out.width = 8;
  out.dst = -1;
  out.dst2 = -1;
  out.src = -1;
  out.src2 = -1;
  out.imm = 0;
  out.scale = 1;
  out.memory = false;
  out.base = -1;
  out.index = -1;
  out.disp = 0;
  out.size = 0;
  out.signed = false;
  out.stack = 0;
  out.stackBase = -1;
  out.clobbers = 0;
  out.ref = -1;
  out.refKind = Ref.none;
  out.nop = false;
  out.compared = -1;
  out.comparedTo = 0;
  out.condition = Condition.other;
}

/** Register conventions of a machine and of the language that the code comes from. */
export interface Conventions {
  /** Registers that a call leaves as they were, as a bit mask. */
  readonly preserved: number;
}

/** What the analysis needs to know about a machine. */
export interface Machine {
  readonly name: "x86_64" | "aarch64";
  /** How many registers; register numbers are below it, and below 32. */
  readonly registers: number;
  readonly stackPointer: number;
  /** Bytes that a call pushes: 8 on x86-64 (the return address), 0 on AArch64. */
  readonly callPushes: number;
  /** Holds the syscall number: rax, x8. */
  readonly numberRegister: number;
  /** Hold the six arguments of a syscall: rdi rsi rdx r10 r8 r9, x0 to x5. */
  readonly syscallArguments: readonly number[];
  /** Registers that a syscall destroys, as a bit mask: rax rcx r11; x0. */
  readonly syscallClobbers: number;
  /** Integer arguments of a C function: rdi rsi rdx rcx r8 r9; x0 to x7. */
  readonly callArguments: readonly number[];
  /** Return value of a C function. */
  readonly result: number;
  /** Smallest step between instructions: 1 or 4. */
  readonly alignment: number;
  readonly conventions: { readonly c: Conventions; readonly go: Conventions };
  /**
   * Whether position-independent code, as compilers make it, may form an aligned address in a range of data: a quick look
   * that says yes too often. `code` are the bytes from the address `start` on.
   */
  mayMention(
    code: Uint8Array,
    start: number,
    data: { readonly start: number; readonly end: number },
    alignment: number,
  ): boolean;
  /** Whether a run of code, by its offsets in the file, may hold a direct call: a quick look as well. */
  mayCall(file: Uint8Array, from: number, to: number): boolean;
  /** A lifter for one file; `bytes` is the whole file. */
  lifter(file: LifterInput): Lifter;
}

export interface LifterInput {
  readonly bytes: Uint8Array;
  /** True when absolute addresses in immediates and displacements mean something: a file of type EXEC. */
  readonly absolute: boolean;
  /** Lowest and highest (exclusive) address of the file when loaded. */
  readonly low: number;
  readonly high: number;
}

/** Where a run of instructions lies: its first address, the file offset of that, and how many bytes. */
export interface Extent {
  readonly address: number;
  readonly offset: number;
  readonly length: number;
}

/** Decodes instructions of one file. */
export interface Lifter {
  /**
   * Decodes the instruction at `address`, whose bytes are at file offset `offset`; `limit` (file offset) is never passed.
   * Never throws: what does not decode is `Flow.invalid`.
   */
  lift(address: number, offset: number, limit: number, out: Insn): void;
  /**
   * Forgets what earlier instructions said about registers (AArch64 pairs ADRP with what follows).
   * Called at the start of every run of instructions that are lifted in order. Where the run is a whole function,
   * its extent lets the lifter look ahead, for what a backward jump brings along.
   */
  reset(extent?: Extent): void;
  /**
   * The length of an instruction that runs into the next one, does something and mentions no address; 0 when it does not,
   * or when only `lift` tells. Cheaper than `lift`, and changes nothing.
   */
  plainLength(offset: number, limit: number): number;
}
