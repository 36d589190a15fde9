import { Op, Ref, type Insn } from "../ir.ts";
import type { Decoded } from "./decoded.ts";
import { RSP } from "./opcodes.ts";

/** The register that an 8-bit operand is part of: without REX, 4 to 7 are AH, CH, DH, BH. */
export function byteRegister(d: Decoded, bits: number, register: number): number {
  return !d.hasRex && bits >= 4 ? bits - 4 : register;
}

/** `register` gets a value that nothing is said about. */
export function clobber(out: Insn, register: number): void {
  if (register === RSP) out.stack = Number.NaN;
  out.clobbers |= 1 << register;
}

/** The rm operand, of `size` bytes, gets a value that nothing is said about. */
export function clobberRm(d: Decoded, out: Insn, size: number): void {
  if (d.rm >= 0) clobber(out, size === 1 ? byteRegister(d, d.rmBits, d.rm) : d.rm);
  else storeUnknown(out, size);
}

/** Memory gets an unknown value of `size` bytes; 0 when not even the size is known. */
export function storeUnknown(out: Insn, size: number): void {
  if (!out.memory) return;
  out.op = Op.store;
  out.src = -1;
  out.size = size;
  if (out.ref >= 0) out.refKind = Ref.written;
}

/** dst = src + imm and the like; on the stack pointer it moves the stack. */
export function arithmetic(
  d: Decoded,
  out: Insn,
  op: typeof Op.add | typeof Op.and | typeof Op.or | typeof Op.xor,
): void {
  const register = d.rm;
  if (register === RSP) {
    out.stack = op === Op.add && d.size === 8 ? out.imm : Number.NaN;
    out.clobbers |= 1 << RSP;
    return;
  }
  if (d.size === 2) {
    clobber(out, register);
    return;
  }
  out.width = d.size;
  out.dst = register;
  if ((op === Op.and && out.imm === 0) || (op === Op.or && out.imm === -1)) {
    out.op = Op.constant;
    return;
  }
  out.op = op;
  out.src = register;
}

/** Makes the memory operand the new top of the stack. */
export function push(out: Insn, size: number): void {
  out.memory = true;
  out.base = RSP;
  out.index = -1;
  out.disp = -size;
  out.size = size;
  out.stack = -size;
}

/** The flags say afterwards whether a register equals a constant. */
export function compare(d: Decoded, out: Insn, register: number, to: number): void {
  if (register < 0 || d.size === 2) return;
  out.compared = register;
  out.comparedTo = to;
}
