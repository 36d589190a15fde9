import { Flow, Op, type Insn } from "../ir.ts";
import { branch } from "./control.ts";
import type { Decoded } from "./decoded.ts";
import { byteRegister, clobber, clobberRm, storeUnknown } from "./operands.ts";
import {
  MASK_ABCD,
  MASK_AX_DX,
  RAX,
  RCX,
  RSP,
  vectorEffects,
  WRITES_MEMORY,
  WRITES_RCX,
  WRITES_REG,
  WRITES_RM,
  WRITES_VVVV,
} from "./opcodes.ts";

/** FXRSTOR and XRSTOR read no more of the registers' state than this. */
const STATE = 16_384;

/** What an instruction of the maps 0F, 0F38 and 0F3A does. */
export function liftTwoByte(d: Decoded, out: Insn): void {
  const op = d.opcode;
  if (d.map !== 1) {
    applyVector(d, out);
    return;
  }
  if (op < 0x10) liftSystem(d, out);
  else if (op >= 0x18 && op < 0x20) {
    if (op === 0x1e && d.rm >= 0 && d.prefix === 2 && d.regBits === 1) clobber(out, d.rm);
    else out.nop = true;
  } else if (op === 0x20 || op === 0x21) clobber(out, d.rmBits | (d.rm & 8));
  else if (op < 0x30) applyVector(d, out);
  else if (op < 0x38) liftCounters(d, out);
  else if (op >= 0x40 && op < 0x50) conditionalMove(d, out);
  else if (op < 0x80) applyVector(d, out);
  else if (op < 0x90) branch(d, out);
  else if (op < 0xa0) setByCondition(d, out);
  else if (op < 0xb0) liftBits(d, out);
  else if (op < 0xc0) liftExtensions(d, out);
  else if (op < 0xc2) {
    const size = op === 0xc0 ? 1 : d.size;
    clobberRm(d, out, size);
    clobber(out, size === 1 ? byteRegister(d, d.regBits, d.reg) : d.reg);
  } else if (op === 0xc3) {
    storeUnknown(out, d.size);
    if (out.op === Op.store && d.reg !== RSP) out.src = d.reg;
  } else if (op === 0xc7) groupNine(d, out);
  else if (op >= 0xc8 && op < 0xd0) clobber(out, d.low);
  else if (op === 0xff) out.flow = Flow.stop;
  else applyVector(d, out);
}

/** What a VEX, EVEX or XOP instruction does. */
export function liftVector(d: Decoded, out: Insn): void {
  applyVector(d, out);
}

function applyVector(d: Decoded, out: Insn): void {
  // XOP: general registers are written by the maps 9 (TBM: vvvv) and 10 (BEXTR: reg) only.
  const effects =
    d.map >= 8 && d.encoding === 1
      ? d.map === 8
        ? 0
        : WRITES_REG | WRITES_VVVV | WRITES_RM
      : vectorEffects(d.map, d.opcode, d.prefix, d.encoding);
  // Of a read of memory; a store says itself how much it writes.
  const read = out.memory && out.size === 0 ? vectorBytes(d) : 0;
  if (effects === 0) {
    out.size = read;
    return;
  }
  if ((effects & WRITES_REG) !== 0) clobber(out, d.reg);
  if ((effects & WRITES_VVVV) !== 0) clobber(out, d.vvvv);
  if ((effects & WRITES_RCX) !== 0) clobber(out, RCX);
  const size = out.size === -1 ? 0 : 64;
  if ((effects & WRITES_RM) !== 0) clobberRm(d, out, d.rm < 0 ? (size === 0 ? 0 : 8) : 8);
  if ((effects & WRITES_MEMORY) !== 0 && d.rm < 0) storeUnknown(out, size === 0 ? 0 : storedBytes(d));
  if (out.size === -1) out.size = 0;
  else if (out.op === Op.none) out.size = read;
}

function vectorBytes({ encoding }: Decoded): number {
  return encoding === 0 ? 16 : encoding === 1 ? 32 : 64;
}

/** Bytes that a vector store writes, at most. */
function storedBytes(d: Decoded): number {
  if (d.opcode === 0xd6 || d.opcode === 0x13 || d.opcode === 0x17) return 8;
  if (d.encoding === 0 && d.opcode === 0x11) return d.prefix === 2 ? 4 : d.prefix === 3 ? 8 : 16;
  return vectorBytes(d);
}

function liftSystem(d: Decoded, out: Insn): void {
  switch (d.opcode) {
    case 0x00:
      if (d.regBits < 2) clobberRm(d, out, 2);
      return;
    case 0x01:
      if (d.rm >= 0) {
        if (d.regBits === 4) clobber(out, d.rm);
        else out.clobbers |= MASK_ABCD;
      } else storeUnknown(out, 10);
      return;
    case 0x02:
    case 0x03:
      clobber(out, d.reg);
      return;
    case 0x05:
      out.flow = Flow.syscall;
      return;
    case 0x07:
      out.flow = Flow.return;
      return;
    case 0x0b:
      out.flow = Flow.stop;
      return;
    case 0x0d:
      out.nop = true;
      return;
    default:
  }
}

function liftCounters(d: Decoded, out: Insn): void {
  if (d.opcode === 0x34) {
    out.flow = Flow.foreignSyscall;
    out.clobbers |= MASK_ABCD;
  } else if (d.opcode === 0x35) out.flow = Flow.return;
  else if (d.opcode !== 0x30) out.clobbers |= MASK_AX_DX | MASK_ABCD;
}

function conditionalMove(d: Decoded, out: Insn): void {
  if (d.rm < 0 || d.size === 2 || d.reg === RSP) {
    clobber(out, d.reg);
    return;
  }
  out.op = Op.select;
  out.dst = d.reg;
  out.src = d.rm;
  out.width = d.size;
}

function setByCondition(d: Decoded, out: Insn): void {
  if (d.rm < 0) {
    storeUnknown(out, 1);
    return;
  }
  const register = byteRegister(d, d.rmBits, d.rm);
  if (register !== d.rm || register === RSP) clobber(out, register);
  else {
    out.op = Op.bool;
    out.dst = register;
    out.width = 1;
  }
}

function liftBits(d: Decoded, out: Insn): void {
  const op = d.opcode;
  if (op === 0xa0 || op === 0xa8) {
    out.op = Op.store;
    out.memory = true;
    out.base = RSP;
    out.disp = -8;
    out.size = 8;
    out.stack = -8;
  } else if (op === 0xa1 || op === 0xa9) out.stack = 8;
  else if (op === 0xa2) out.clobbers |= MASK_ABCD;
  else if (op === 0xa3) return;
  else if (op === 0xae) {
    if (d.rm >= 0) {
      if (d.prefix === 2 && d.regBits < 2) clobber(out, d.rm);
    } else if (d.regBits === 0 || d.regBits === 3 || d.regBits === 4 || d.regBits === 6) storeUnknown(out, 0);
    else out.size = STATE;
  } else if (op === 0xaf) clobber(out, d.reg);
  else clobberRm(d, out, d.size);
}

function liftExtensions(d: Decoded, out: Insn): void {
  const op = d.opcode;
  if (op === 0xb0 || op === 0xb1) {
    clobber(out, RAX);
    clobberRm(d, out, op === 0xb0 ? 1 : d.size);
  } else if (op === 0xb3 || op === 0xbb || op === 0xba) {
    if (op !== 0xba || d.regBits > 4) clobberRm(d, out, d.size);
  } else if (op === 0xb9) out.flow = Flow.stop;
  else if (op === 0xb6 || op === 0xb7 || op === 0xbe || op === 0xbf) {
    const size = (op & 1) === 0 ? 1 : 2;
    const isHigh = size === 1 && d.rm >= 0 && byteRegister(d, d.rmBits, d.rm) !== d.rm;
    if (d.size === 2 || d.reg === RSP || isHigh || (d.rm < 0 && !out.memory)) {
      clobber(out, d.reg);
      return;
    }
    const signed = op >= 0xbe;
    out.dst = d.reg;
    out.src = d.rm;
    out.width = d.size;
    out.size = size;
    out.signed = signed;
    if (d.rm < 0) out.op = Op.load;
    else if (signed) out.op = Op.signExtend;
    else {
      out.op = Op.and;
      out.imm = size === 1 ? 0xff : 0xffff;
    }
  } else clobber(out, d.reg);
}

function groupNine(d: Decoded, out: Insn): void {
  if (d.rm >= 0) {
    clobber(out, d.rm);
    return;
  }
  if (d.regBits === 1) out.clobbers |= MASK_AX_DX;
  storeUnknown(out, d.regBits === 1 ? 16 : 0);
}
