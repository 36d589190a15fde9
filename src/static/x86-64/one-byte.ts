import { Op, Ref, type Insn } from "../ir.ts";
import { branch, liftControl, liftLast } from "./control.ts";
import type { Decoded } from "./decoded.ts";
import { MASK_AX, MASK_STRING, RAX, RDX, RSP } from "./opcodes.ts";
import { arithmetic, byteRegister, clobber, clobberRm, compare, push, storeUnknown } from "./operands.ts";

/** ADD OR ADC SBB AND SUB XOR CMP, numbered as their opcodes are. */
function groupOne(d: Decoded, out: Insn, operation: number, size: number): void {
  if (operation === 7) {
    if (size !== 1) compare(d, out, d.rm, d.imm);
    return;
  }
  if (size === 1 || d.rm < 0) {
    clobberRm(d, out, size);
    return;
  }
  out.imm = d.imm;
  if (operation === 0) arithmetic(d, out, Op.add);
  else if (operation === 5) {
    out.imm = -d.imm;
    arithmetic(d, out, Op.add);
  } else if (operation === 4) arithmetic(d, out, Op.and);
  else if (operation === 1) arithmetic(d, out, Op.or);
  else if (operation === 6) arithmetic(d, out, Op.xor);
  else clobber(out, d.rm);
}

/** The same operations between registers, or a register and memory. */
function binary(d: Decoded, out: Insn, operation: number, form: number): void {
  if (operation === 7) return;
  const isByte = (form & 1) === 0;
  if (form < 2 && d.rm < 0) {
    storeUnknown(out, isByte ? 1 : d.size);
    return;
  }
  const dst = form < 2 ? d.rm : d.reg;
  const src = form < 2 ? d.reg : d.rm;
  if (isByte) {
    clobber(out, byteRegister(d, form < 2 ? d.rmBits : d.regBits, dst));
    return;
  }
  if (dst === RSP || d.size === 2 || src < 0) {
    clobber(out, dst);
    return;
  }
  out.dst = dst;
  out.width = d.size;
  if (dst === src && (operation === 6 || operation === 5)) out.op = Op.constant;
  else if (dst === src && operation === 3) out.op = Op.mask;
  else if (operation === 0) {
    out.op = Op.addReg;
    out.src = dst;
    out.src2 = src;
  } else if (operation === 1) {
    out.op = Op.orReg;
    out.src = dst;
    out.src2 = src;
  } else if (dst !== src || operation !== 4) {
    out.dst = -1;
    clobber(out, dst);
  } else {
    out.op = Op.move;
    out.src = src;
  }
}

/** To the register operand: a move from a register or a load. */
function moveToReg(d: Decoded, out: Insn): void {
  if (d.size === 2) {
    clobber(out, d.reg);
    return;
  }
  if (d.rm >= 0) setRegister(out, d.reg, d.rm, d.size);
  else if (out.memory) {
    if (d.reg === RSP) {
      clobber(out, RSP);
      return;
    }
    out.op = Op.load;
    out.dst = d.reg;
    out.width = d.size;
    out.size = d.size;
  } else clobber(out, d.reg);
}

function setRegister(out: Insn, dst: number, src: number, width: number): void {
  if (dst === RSP) {
    out.clobbers |= 1 << RSP;
    if (width === 8) out.stackBase = src;
    else out.stack = Number.NaN;
    return;
  }
  out.op = Op.move;
  out.dst = dst;
  out.src = src;
  out.width = width;
}

function lea(d: Decoded, out: Insn): void {
  out.memory = false;
  if (d.rm >= 0 || d.size === 2 || d.opaque) {
    clobber(out, d.reg);
    return;
  }
  out.width = d.size;
  out.imm = out.disp;
  if (d.reg === RSP) {
    out.clobbers |= 1 << RSP;
    if (out.base === RSP && out.index < 0) out.stack = out.disp;
    else if (out.base >= 0 && out.index < 0) {
      out.stackBase = out.base;
      out.stack = out.disp;
    } else out.stack = Number.NaN;
    return;
  }
  out.dst = d.reg;
  if (out.index >= 0) {
    out.op = Op.addReg;
    out.src = out.base;
    out.src2 = out.index;
  } else if (out.base >= 0) {
    out.op = Op.add;
    out.src = out.base;
  } else {
    out.op = Op.constant;
  }
  if (out.ref >= 0) out.refKind = out.index >= 0 ? Ref.indexed : Ref.taken;
}

/** What an instruction of the one-byte map does. */
export function liftOneByte(d: Decoded, out: Insn): void {
  const op = d.opcode;
  if (op < 0x40) {
    const form = op & 7;
    if (form < 4) binary(d, out, op >> 3, form);
    else {
      d.rm = RAX;
      d.rmBits = 0;
      groupOne(d, out, op >> 3, form === 4 ? 1 : d.size);
    }
  } else if (op < 0x70) liftStack(d, out);
  else if (op < 0x80) branch(d, out);
  else if (op < 0xa0) liftMoves(d, out);
  else if (op < 0xc0) liftStringsAndConstants(d, out);
  else if (op < 0xe0) liftControl(d, out);
  else liftLast(d, out);
}

function liftStack(d: Decoded, out: Insn): void {
  const op = d.opcode;
  if (op < 0x58) {
    push(out, d.prefix === 1 ? 2 : 8);
    out.op = Op.store;
    out.src = d.low === RSP ? -1 : d.low;
  } else if (op < 0x60) {
    if (d.prefix === 1 || d.low === RSP) {
      out.clobbers |= 1 << d.low;
      out.stack = d.low === RSP ? Number.NaN : 2;
      return;
    }
    out.op = Op.load;
    out.dst = d.low;
    out.memory = true;
    out.base = RSP;
    out.size = 8;
    out.stack = 8;
  } else if (op === 0x63) {
    if (d.size === 2 || d.reg === RSP || (d.rm < 0 && !out.memory)) clobber(out, d.reg);
    else {
      out.op = d.rm >= 0 ? Op.signExtend : Op.load;
      out.dst = d.reg;
      out.src = d.rm;
      out.size = 4;
      out.signed = true;
      out.width = d.size;
    }
  } else if (op === 0x68 || op === 0x6a) {
    push(out, d.prefix === 1 ? 2 : 8);
    out.op = Op.storeConstant;
    out.imm = d.imm;
  } else if (op === 0x69 || op === 0x6b) clobber(out, d.reg);
  else if (op === 0x6c || op === 0x6d) out.clobbers |= MASK_STRING;
  else out.clobbers |= MASK_STRING;
}

function liftMoves(d: Decoded, out: Insn): void {
  const op = d.opcode;
  if (op < 0x84) groupOne(d, out, d.regBits, op === 0x80 ? 1 : d.size);
  else if (op < 0x86) {
    if (op === 0x85 && d.rm === d.reg) compare(d, out, d.rm, 0);
  } else if (op < 0x88) exchange(d, out, op === 0x86);
  else if (op === 0x88) {
    if (d.rm < 0) {
      storeUnknown(out, 1);
      if (d.hasRex || d.regBits < 4) out.src = out.op === Op.store ? d.reg : -1;
    } else clobberRm(d, out, 1);
  } else if (op === 0x89) {
    if (d.rm >= 0) {
      if (d.size === 2) clobber(out, d.rm);
      else setRegister(out, d.rm, d.reg, d.size);
    } else {
      storeUnknown(out, d.size);
      if (out.op === Op.store && d.reg !== RSP) out.src = d.reg;
    }
  } else if (op === 0x8a) clobber(out, byteRegister(d, d.regBits, d.reg));
  else if (op === 0x8b) moveToReg(d, out);
  else if (op === 0x8c) clobberRm(d, out, 2);
  else if (op === 0x8d) lea(d, out);
  else if (op === 0x8f) {
    clobberRm(d, out, 8);
    out.stack = out.base === RSP || d.rm === RSP ? Number.NaN : 8;
  } else if (op < 0x98) {
    out.nop = op === 0x90 && d.low === RAX;
    if (!out.nop) exchangeRegisters(out, RAX, d.low, d.size);
  } else if (op === 0x98) {
    out.op = Op.signExtend;
    out.dst = RAX;
    out.src = RAX;
    out.size = d.size / 2;
    out.width = d.size;
    if (d.size === 2) {
      out.op = Op.none;
      out.dst = -1;
      clobber(out, RAX);
    }
  } else if (op === 0x99) clobber(out, RDX);
  else if (op === 0x9c) {
    push(out, 8);
    out.op = Op.store;
  } else if (op === 0x9d) out.stack = 8;
  else if (op === 0x9f) clobber(out, RAX);
}

function exchangeRegisters(out: Insn, a: number, b: number, size: number): void {
  if (a === RSP || b === RSP || size === 2) {
    clobber(out, a);
    clobber(out, b);
    return;
  }
  out.op = Op.exchange;
  out.dst = a;
  out.src = b;
  out.width = size;
}

function exchange(d: Decoded, out: Insn, isByte: boolean): void {
  if (d.rm >= 0 && !isByte) exchangeRegisters(out, d.rm, d.reg, d.size);
  else {
    clobberRm(d, out, isByte ? 1 : d.size);
    clobber(out, isByte ? byteRegister(d, d.regBits, d.reg) : d.reg);
  }
}

function liftStringsAndConstants(d: Decoded, out: Insn): void {
  const op = d.opcode;
  if (op < 0xa2) clobber(out, RAX);
  else if (op < 0xa8) {
    if (op < 0xa4) return;
    out.clobbers |= MASK_STRING;
    if (op < 0xa6) storeThrough(out);
  } else if (op === 0xaa || op === 0xab) {
    out.clobbers |= MASK_STRING;
    storeThrough(out);
  } else if (op >= 0xac && op < 0xb0) out.clobbers |= MASK_STRING | (op < 0xae ? MASK_AX : 0);
  else if (op >= 0xb0 && op < 0xb8) {
    if (byteRegister(d, op & 7, d.low) !== d.low || d.low === RSP)
      clobber(out, byteRegister(d, op & 7, d.low));
    else {
      out.op = Op.insert;
      out.dst = d.low;
      out.src = d.low;
      out.imm = d.imm & 0xff;
      out.scale = 0;
      out.size = 1;
    }
  } else if (op >= 0xb8) {
    if (d.size === 2 || d.low === RSP) clobber(out, d.low);
    else {
      out.op = Op.constant;
      out.dst = d.low;
      out.imm = d.imm;
      out.width = d.size;
    }
  }
}

/** A string instruction writes from RDI on, who knows how much. */
function storeThrough(out: Insn): void {
  out.memory = true;
  out.base = 7;
  out.op = Op.store;
  out.src = -1;
  out.size = 0;
}
