import { type Insn, Op, Ref } from "../ir.ts";
import { logicalImmediate, signedField, signedNumber } from "./bits.ts";

const ZR = 31;

function clobber(out: Insn, register: number): void {
  if (register !== ZR) out.clobbers |= 1 << register;
}

function define(out: Insn, op: Insn["op"], dst: number, src: number, imm: number): void {
  out.op = op;
  out.dst = dst;
  out.src = src;
  out.imm = imm;
}

function constant(out: Insn, dst: number, value: bigint, is64: boolean): void {
  if (dst === ZR) return;
  define(out, Op.constant, dst, -1, is64 ? signedNumber(value) : Number(BigInt.asUintN(32, value)));
}

function address(word: number, at: number, out: Insn): void {
  const isPage = word >>> 31 === 1;
  const offset = signedField(word, 5, 19) * 4 + ((word >>> 29) & 3);
  const value = isPage ? Math.floor(at / 4096) * 4096 + offset * 4096 : at + offset;
  const rd = word & 31;
  if (rd === ZR) return;
  define(out, Op.constant, rd, -1, value);
  out.ref = value;
  out.refKind = isPage ? Ref.page : Ref.taken;
}

function addImmediate(word: number, out: Insn): void {
  const setsFlags = ((word >>> 29) & 1) === 1;
  const rd = word & 31;
  const rn = (word >>> 5) & 31;
  if (setsFlags && rd === ZR) return;
  const isSubtraction = ((word >>> 30) & 1) === 1;
  const imm = ((word >>> 10) & 0xfff) * (((word >>> 22) & 1) === 1 ? 4096 : 1) * (isSubtraction ? -1 : 1);
  // Register 31 is SP here, for the result of ADDS it is XZR.
  if (rd === 31 && rn === 31) {
    out.stack = imm;
    return;
  }
  if (rd === 31) {
    if (out.width === 8) out.stackBase = rn;
    out.stack = out.width === 8 ? imm : Number.NaN;
    return;
  }
  define(out, imm === 0 ? Op.move : Op.add, rd, rn, imm);
}

function logicalImm(word: number, is64: boolean, out: Insn): void {
  const opc = (word >>> 29) & 3;
  const rd = word & 31;
  const rn = (word >>> 5) & 31;
  if (opc === 3 && rd === ZR) return;
  const mask = logicalImmediate((word >>> 22) & 1, (word >>> 16) & 63, (word >>> 10) & 63, is64);
  if (mask === undefined) return clobberOrStack(out, rd);
  if (rn === ZR) {
    const value = opc === 1 || opc === 2 ? mask : 0n;
    if (rd === 31) out.stack = Number.NaN;
    else constant(out, rd, value, is64);
    return;
  }
  const op = opc === 1 ? Op.or : opc === 2 ? Op.xor : Op.and;
  define(out, op, rd, rn, is64 ? signedNumber(mask) : Number(mask));
}

function clobberOrStack(out: Insn, rd: number): void {
  if (rd === 31) out.stack = Number.NaN;
  else clobber(out, rd);
}

function moveWide(word: number, is64: boolean, out: Insn): void {
  const opc = (word >>> 29) & 3;
  const rd = word & 31;
  const shift = ((word >>> 21) & 3) * 16;
  const value = BigInt((word >>> 5) & 0xffff) << BigInt(shift);
  if (opc === 2) return constant(out, rd, value, is64);
  if (opc === 0) return constant(out, rd, ~value, is64);
  if (rd === ZR) return;
  define(out, Op.insert, rd, rd, signedNumber(value));
  out.scale = shift;
}

function bitfield(word: number, is64: boolean, out: Insn): void {
  const opc = (word >>> 29) & 3;
  const rd = word & 31;
  const rn = (word >>> 5) & 31;
  const immr = (word >>> 16) & 63;
  const imms = (word >>> 10) & 63;
  const top = is64 ? 63 : 31;
  if (rd === ZR) return;
  if (rn === ZR && opc !== 1) return constant(out, rd, 0n, is64);
  if (opc === 2 && imms === top) return define(out, Op.shr, rd, rn, immr);
  if (opc === 2 && imms + 1 === immr) return define(out, Op.shl, rd, rn, top - imms);
  if (opc === 2 && immr === 0 && imms < 52) return define(out, Op.and, rd, rn, 2 ** (imms + 1) - 1);
  if (opc === 0 && immr === 0 && (imms === 7 || imms === 15 || imms === 31)) {
    define(out, Op.signExtend, rd, rn, 0);
    out.size = (imms + 1) / 8;
    return;
  }
  clobber(out, rd);
}

/** Data processing with an immediate: bits 28 to 26 are 100. */
export function liftImmediate(word: number, at: number, out: Insn): void {
  const is64 = word >>> 31 === 1;
  const group = (word >>> 23) & 7;
  if (group < 2) return address(word, at, out);
  out.width = is64 ? 8 : 4;
  if (group === 2) addImmediate(word, out);
  else if (group === 4) logicalImm(word, is64, out);
  else if (group === 5) moveWide(word, is64, out);
  else if (group === 6) bitfield(word, is64, out);
  else if (group === 3 && ((word >>> 22) & 1) === 0)
    clobberOrStack(out, word & 31); // ADDG, SUBG
  else clobber(out, word & 31); // EXTR, MIN, MAX
}

function logicalRegister(word: number, is64: boolean, out: Insn): void {
  const opc = (word >>> 29) & 3;
  const inverted = ((word >>> 21) & 1) === 1;
  const rd = word & 31;
  const rn = (word >>> 5) & 31;
  const rm = (word >>> 16) & 31;
  const isShifted = ((word >>> 10) & 63) !== 0;
  if (rd === ZR) return;
  if (inverted) {
    // MVN of the zero register; the others are beyond us.
    if (opc === 1 && rn === ZR && rm === ZR) return constant(out, rd, -1n, is64);
    return clobber(out, rd);
  }
  if (opc === 1 && rn === ZR && rm === ZR) return constant(out, rd, 0n, is64);
  if (opc === 1 && rn === ZR && !isShifted) return define(out, Op.move, rd, rm, 0);
  if (opc === 1 && rm === ZR) return define(out, Op.move, rd, rn, 0);
  if (opc === 2 && rn === rm && !isShifted) return constant(out, rd, 0n, is64);
  if ((opc === 0 || opc === 3) && (rn === ZR || rm === ZR)) return constant(out, rd, 0n, is64);
  if (opc === 1 && !isShifted && rn !== ZR) {
    define(out, Op.orReg, rd, rn, 0);
    out.src2 = rm;
    return;
  }
  clobber(out, rd);
}

/** Register 31 is SP in the extended form, XZR in the shifted one. */
function addRegister(word: number, is64: boolean, out: Insn): void {
  const isExtended = ((word >>> 21) & 1) === 1;
  const isSubtraction = ((word >>> 30) & 1) === 1;
  const setsFlags = ((word >>> 29) & 1) === 1;
  const rd = word & 31;
  const rn = (word >>> 5) & 31;
  const rm = (word >>> 16) & 31;
  if (isExtended) {
    if (rd === 31) {
      if (!setsFlags) out.stack = Number.NaN;
      return;
    }
    const isWhole = ((word >>> 13) & 3) === (is64 ? 3 : 2) || ((word >>> 13) & 3) === 3;
    if (isSubtraction || !isWhole || rm === ZR) return clobber(out, rd);
    define(out, Op.addReg, rd, rn, 0);
    out.src2 = rm;
    out.scale = 2 ** ((word >>> 10) & 7);
    return;
  }
  if (rd === ZR) return;
  const shift = (word >>> 10) & 63;
  if (isSubtraction) {
    if (rn === rm && shift === 0) return constant(out, rd, 0n, is64);
    if (rm === ZR && rn !== ZR) return define(out, Op.move, rd, rn, 0);
    return clobber(out, rd);
  }
  if (rm === ZR) {
    if (rn === ZR) return constant(out, rd, 0n, is64);
    return define(out, Op.move, rd, rn, 0);
  }
  if ((((word >>> 22) & 3) !== 0 && shift !== 0) || shift > 31) return clobber(out, rd);
  if (rn === ZR) {
    if (shift === 0) return define(out, Op.move, rd, rm, 0);
    return define(out, Op.shl, rd, rm, shift);
  }
  define(out, Op.addReg, rd, rn, 0);
  out.src2 = rm;
  out.scale = 2 ** shift;
}

/** CSEL, CSINC, CSINV, CSNEG. */
function conditionalSelect(word: number, is64: boolean, out: Insn): void {
  const inverts = ((word >>> 30) & 1) === 1;
  const increments = ((word >>> 10) & 3) === 1;
  const rd = word & 31;
  const rn = (word >>> 5) & 31;
  const rm = (word >>> 16) & 31;
  if (rd === ZR) return;
  if (rn === ZR && rm === ZR && increments && !inverts) return define(out, Op.bool, rd, -1, 0);
  if (rn === ZR && rm === ZR && inverts && !increments) return define(out, Op.mask, rd, -1, 0);
  if (rn === ZR && rm === ZR && !inverts) return constant(out, rd, 0n, is64);
  if (inverts || rn === ZR || rm === ZR) return clobber(out, rd);
  define(out, Op.select, rd, rn, increments ? 1 : 0);
  out.src2 = rm;
}

/** Data processing of registers: bits 27 to 25 are 101. */
export function liftRegister(word: number, out: Insn): void {
  const is64 = word >>> 31 === 1;
  out.width = is64 ? 8 : 4;
  const group = (word >>> 24) & 0x1f;
  if (group === 0x0a) return logicalRegister(word, is64, out);
  if (group === 0x0b) return addRegister(word, is64, out);
  if (group === 0x1b) return clobber(out, word & 31);
  if (group !== 0x1a) return;
  const kind = (word >>> 21) & 7;
  // Conditional compare and the flag instructions write no register; ADC does.
  if (kind === 2) return;
  if (kind === 4) return conditionalSelect(word, is64, out);
  if (kind === 0 && ((word >>> 10) & 0x1f) !== 0) return;
  clobber(out, word & 31);
}

/** Vector and floating-point instructions that put something into a general register. */
export function liftVector(word: number, out: Insn): void {
  const converts = (word & 0x5f20_0000) >>> 0 === 0x1e20_0000 && ((word >>> 10) & 63) === 0;
  const opcode = (word >>> 16) & 7;
  const fixed = (word & 0x5f20_0000) >>> 0 === 0x1e00_0000 && opcode < 2 && ((word >>> 19) & 3) === 3;
  const moves = (word & 0xbfe0_fc00) >>> 0 === 0x0e00_3c00 || (word & 0xbfe0_fc00) >>> 0 === 0x0e00_2c00;
  if (moves || fixed || (converts && (opcode < 2 || (opcode > 3 && opcode < 7)))) clobber(out, word & 31);
}
