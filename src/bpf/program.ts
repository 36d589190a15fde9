import { InputError } from "../errors.ts";

/** One classic BPF instruction (`struct sock_filter`). */
export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  /** Unsigned 32 bits. */
  readonly k: number;
}

export type Program = readonly Instruction[];

/** BPF_MAXINSNS: the kernel takes no longer program. */
const MAX_INSTRUCTIONS = 4096;

export const BPF = {
  LD_ABS: 0x20,
  LD_IMM: 0x00,
  LD_MEM: 0x60,
  LD_LEN: 0x80,
  LDX_IMM: 0x01,
  LDX_MEM: 0x61,
  LDX_LEN: 0x81,
  ST: 0x02,
  STX: 0x03,
  RET_K: 0x06,
  RET_A: 0x16,
  TAX: 0x07,
  TXA: 0x87,
  JA: 0x05,
  JEQ_K: 0x15,
  JGT_K: 0x25,
  JGE_K: 0x35,
  JSET_K: 0x45,
  JEQ_X: 0x1d,
  JGT_X: 0x2d,
  JGE_X: 0x3d,
  JSET_X: 0x4d,
  NEG: 0x84,
  AND_K: 0x54,
} as const;

/** `BPF_ALU` operations by their code; each exists with K (+0) and X (+8). */
export const ALU: Readonly<Record<number, string>> = {
  0x04: "add",
  0x14: "sub",
  0x24: "mul",
  0x34: "div",
  0x44: "or",
  0x54: "and",
  0x64: "lsh",
  0x74: "rsh",
  0xa4: "xor",
};

const JUMPS: ReadonlySet<number> = new Set([
  BPF.JEQ_K,
  BPF.JGT_K,
  BPF.JGE_K,
  BPF.JSET_K,
  BPF.JEQ_X,
  BPF.JGT_X,
  BPF.JGE_X,
  BPF.JSET_X,
]);
const PLAIN: ReadonlySet<number> = new Set([
  BPF.LD_IMM,
  BPF.LD_LEN,
  BPF.LDX_IMM,
  BPF.LDX_LEN,
  BPF.RET_K,
  BPF.RET_A,
  BPF.TAX,
  BPF.TXA,
  BPF.NEG,
]);
const MEMORY: ReadonlySet<number> = new Set([BPF.LD_MEM, BPF.LDX_MEM, BPF.ST, BPF.STX]);
/** `sizeof(struct seccomp_data)`. */
export const DATA_SIZE = 64;

export function isConditionalJump(code: number): boolean {
  return JUMPS.has(code);
}

export function isReturn(code: number): boolean {
  return code === BPF.RET_K || code === BPF.RET_A;
}

function isAlu(code: number): boolean {
  return ALU[code & ~0x08] !== undefined;
}

function flaw(program: Program, at: Instruction, index: number): string | undefined {
  const { code, jt, jf, k } = at;
  const room = program.length - index - 1;
  if (isConditionalJump(code)) return jt < room && jf < room ? undefined : "jumps beyond the end";
  if (code === BPF.JA) return k < room ? undefined : "jumps beyond the end";
  if (code === BPF.LD_ABS) return k % 4 === 0 && k < DATA_SIZE ? undefined : `loads from offset ${k}`;
  if (MEMORY.has(code)) return k < 16 ? undefined : `uses memory cell ${k}`;
  if (code === 0x34 && k === 0) return "divides by zero";
  if ((code === 0x64 || code === 0x74) && k >= 32) return `shifts by ${k}`;
  if (isAlu(code) || PLAIN.has(code)) return undefined;
  return `has the operation 0x${code.toString(16)}, which seccomp does not allow`;
}

/**
 * Makes sure that the kernel would take a program as a seccomp filter (kernel/seccomp.c, seccomp_check_filter, and
 * net/core/filter.c, bpf_check_classic).
 * @throws InputError that names the instruction.
 */
export function checkProgram(program: Program, file?: string): void {
  const fail = (reason: string): never => {
    throw new InputError(reason, file === undefined ? {} : { file });
  };
  if (program.length === 0) fail("the program is empty");
  if (program.length > MAX_INSTRUCTIONS) {
    fail(`the program has ${program.length} instructions, the kernel takes ${MAX_INSTRUCTIONS}`);
  }
  for (const [index, at] of program.entries()) {
    const found = flaw(program, at, index);
    if (found !== undefined) fail(`instruction ${index} ${found}`);
  }
  if (!isReturn(program.at(-1)?.code ?? 0)) fail("the last instruction is not a return");
}

/** The bytes of `struct sock_filter[]`. */
export function encodeProgram(program: Program, bigEndian = false): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, at] of program.entries()) {
    view.setUint16(index * 8, at.code, !bigEndian);
    view.setUint8(index * 8 + 2, at.jt);
    view.setUint8(index * 8 + 3, at.jf);
    view.setUint32(index * 8 + 4, at.k, !bigEndian);
  }
  return bytes;
}

/**
 * Reads `struct sock_filter[]` and checks it as the kernel would.
 * @throws InputError when it is no valid seccomp filter.
 */
export function decodeProgram(bytes: Uint8Array, bigEndian = false, file?: string): Program {
  if (bytes.length % 8 !== 0) {
    const place = file === undefined ? {} : { file };
    throw new InputError(`${bytes.length} bytes are not a whole number of 8-byte instructions`, place);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const program: Instruction[] = [];
  for (let at = 0; at < bytes.length; at += 8) {
    program.push({
      code: view.getUint16(at, !bigEndian),
      jt: view.getUint8(at + 2),
      jf: view.getUint8(at + 3),
      k: view.getUint32(at + 4, !bigEndian),
    });
  }
  checkProgram(program, file);
  return program;
}
