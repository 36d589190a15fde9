import { clearInsn, Flow, Op, Ref, type Insn, type Lifter, type LifterInput } from "../ir.ts";
import { Decoded } from "./decoded.ts";
import { plainLength } from "./plain.ts";
import { liftOneByte } from "./one-byte.ts";
import { ONE_BYTE, Shape, TWO_BYTE } from "./opcodes.ts";
import { liftTwoByte, liftVector } from "./two-byte.ts";

/** Decodes x86-64 for the analysis. Checked instruction by instruction against iced-x86 (test/static/x86-64/). */
export class X8664Lifter implements Lifter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #low: number;
  readonly #high: number;
  readonly #d = new Decoded();
  #ripRelative = false;

  constructor(input: LifterInput) {
    this.#bytes = input.bytes;
    this.#view = new DataView(input.bytes.buffer, input.bytes.byteOffset, input.bytes.byteLength);
    this.#low = input.absolute ? input.low : Number.POSITIVE_INFINITY;
    this.#high = input.absolute ? input.high : Number.NEGATIVE_INFINITY;
  }

  // Nothing here depends on what came before.
  reset(): void {}

  plainLength(offset: number, limit: number): number {
    // At a fixed address, any constant may be an address.
    return this.#low < this.#high ? 0 : plainLength(this.#bytes, offset, limit);
  }

  lift(address: number, offset: number, limit: number, out: Insn): void {
    clearInsn(out, address, 1);
    const end = this.#decode(offset, Math.min(limit, offset + 15, this.#bytes.length), out);
    if (end < 0) {
      clearInsn(out, address, 1);
      out.flow = Flow.invalid;
      return;
    }
    out.length = end - offset;
    if (this.#d.opaque) out.memory = false;
    else if (out.memory) this.#address(out);
    const d = this.#d;
    if (d.map === 0) liftOneByte(d, out);
    else if (d.encoding === 0) liftTwoByte(d, out);
    else liftVector(d, out);
    if (out.ref < 0) this.#mention(out);
  }

  /** In a file at a fixed address, constants and displacements within it are addresses. */
  #mention(out: Insn): void {
    if ((out.op === Op.constant || out.op === Op.storeConstant) && this.#isOwn(out.imm)) {
      out.ref = out.imm;
      out.refKind = Ref.taken;
    } else if (out.memory && this.#isOwn(out.disp)) {
      out.ref = out.disp;
      out.refKind = Ref.indexed;
    } else if ((out.op === Op.add || out.op === Op.addReg) && this.#isOwn(out.imm)) {
      out.ref = out.imm;
      out.refKind = Ref.indexed;
    }
  }

  #isOwn(value: number): boolean {
    return value >= this.#low && value < this.#high;
  }

  /** Reads prefixes, opcode, operands and immediate. Returns the offset after it, or -1. */
  #decode(offset: number, limit: number, out: Insn): number {
    const b = this.#bytes;
    const d = this.#d;
    d.encoding = 0;
    d.map = 0;
    d.vvvv = 0;
    d.opaque = false;
    this.#ripRelative = false;
    let at = offset;
    let operand16 = false;
    let address32 = false;
    let repeat = 0;
    let byte = 0;
    let rex = 0;
    for (; at < limit; at++) {
      byte = b[at] ?? 0;
      if ((byte & 0xf0) === 0x40) {
        rex = byte;
        continue;
      }
      if (byte === 0x66) operand16 = true;
      else if (byte === 0xf3) repeat = 2;
      else if (byte === 0xf2) repeat = 3;
      else if (byte === 0x64 || byte === 0x65) d.opaque = true;
      else if (byte === 0x67) address32 = true;
      else if (byte !== 0xf0 && byte !== 0x2e && byte !== 0x36 && byte !== 0x3e && byte !== 0x26) break;
      // A REX prefix counts only right before the opcode.
      rex = 0;
    }
    if (address32) d.opaque = true;
    d.hasRex = rex !== 0;
    d.wide = (rex & 8) !== 0;
    d.prefix = repeat !== 0 ? repeat : operand16 ? 1 : 0;
    d.size = d.wide ? 8 : operand16 ? 2 : 4;
    at++;
    let shape: number;
    if (byte === 0x0f) {
      byte = b[at++] ?? 0;
      if (byte === 0x38 || byte === 0x3a) {
        d.map = byte === 0x38 ? 2 : 3;
        shape = byte === 0x38 ? Shape.modrm : Shape.modrm | Shape.imm8;
        byte = b[at++] ?? 0;
      } else {
        d.map = 1;
        shape = TWO_BYTE[byte] ?? Shape.invalid;
      }
    } else if (
      byte === 0xc5 ||
      byte === 0xc4 ||
      byte === 0x62 ||
      (byte === 0x8f && ((b[at] ?? 0) & 0x38) !== 0)
    ) {
      return this.#decodeVector(byte, at, limit, out);
    } else {
      shape = ONE_BYTE[byte] ?? Shape.invalid;
    }
    d.opcode = byte;
    d.low = (byte & 7) | ((rex & 1) << 3);
    if ((shape & Shape.invalid) !== 0) return -1;
    if ((shape & Shape.modrm) !== 0) {
      at = this.#modrm(at, limit, rex, out);
      if (at < 0) return -1;
      if (d.map === 0 && (byte === 0xf6 || byte === 0xf7) && d.regBits < 2) {
        shape |= byte === 0xf6 ? Shape.imm8 : Shape.immZ;
      }
    }
    at = this.#immediate(at, shape, operand16 && !d.wide, address32);
    if (at > limit) return -1;
    return at;
  }

  #decodeVector(byte: number, start: number, limit: number, out: Insn): number {
    const b = this.#bytes;
    const d = this.#d;
    let at = start;
    const p0 = b[at++] ?? 0;
    let rex = (p0 & 0x80) === 0 ? 4 : 0;
    let last = p0;
    let shape: number = Shape.modrm;
    d.encoding = 1;
    d.map = 1;
    if (byte !== 0xc5) {
      if ((p0 & 0x40) === 0) rex |= 2;
      if ((p0 & 0x20) === 0) rex |= 1;
      d.map = byte === 0x62 ? p0 & 7 : p0 & 31;
      last = b[at++] ?? 0;
      d.wide = (last & 0x80) !== 0;
    }
    d.vvvv = (~last >> 3) & 15;
    d.prefix = last & 3;
    if (byte === 0x62) {
      d.encoding = 2;
      at++;
    }
    d.opcode = b[at++] ?? 0;
    if (d.map === 3 || d.map === 8) shape |= Shape.imm8;
    else if (d.map === 10) shape |= Shape.immZ;
    else if (d.map === 1) {
      const legacy = TWO_BYTE[d.opcode] ?? 0;
      if (d.opcode === 0x77 && byte !== 0x62) shape = 0;
      else shape |= legacy & Shape.imm8;
    } else if (d.map === 0 || d.map > 10 || (d.map > 6 && d.map < 8) || d.map === 4) return -1;
    d.hasRex = true;
    d.size = d.wide ? 8 : 4;
    if ((shape & Shape.modrm) !== 0) {
      at = this.#modrm(at, limit, rex, out);
      if (at < 0) return -1;
      // The displacement of one byte is scaled by the vector's length, which nothing here needs.
      if (d.encoding === 2 && d.rm < 0 && out.base >= 0) out.size = -1;
    }
    at = this.#immediate(at, shape, false, false);
    if (at > limit) return -1;
    return at;
  }

  #modrm(start: number, limit: number, rex: number, out: Insn): number {
    const b = this.#bytes;
    const d = this.#d;
    let at = start;
    const modrm = b[at++] ?? 0;
    d.regBits = (modrm >> 3) & 7;
    d.reg = d.regBits | ((rex & 4) << 1);
    d.rmBits = modrm & 7;
    const mod = modrm >> 6;
    if (mod === 3) {
      d.rm = d.rmBits | ((rex & 1) << 3);
      return at;
    }
    d.rm = -1;
    out.memory = true;
    let size = mod === 1 ? 1 : mod === 2 ? 4 : 0;
    if (d.rmBits === 4) {
      const sib = b[at++] ?? 0;
      const index = ((sib >> 3) & 7) | ((rex & 2) << 2);
      if (index !== 4) {
        out.index = index;
        out.scale = 1 << (sib >> 6);
      }
      if ((sib & 7) === 5 && mod === 0) size = 4;
      else out.base = (sib & 7) | ((rex & 1) << 3);
    } else if (d.rmBits === 5 && mod === 0) {
      size = 4;
      this.#ripRelative = true;
    } else {
      out.base = d.rmBits | ((rex & 1) << 3);
    }
    if (at + size > limit) return -1;
    if (size === 1) out.disp = this.#view.getInt8(at);
    else if (size === 4) out.disp = this.#view.getInt32(at, true);
    return at + size;
  }

  #immediate(start: number, shape: number, operand16: boolean, address32: boolean): number {
    const d = this.#d;
    let at = start;
    d.imm = 0;
    const room = this.#bytes.length - at;
    if ((shape & (Shape.immZ | Shape.immV)) !== 0) {
      if ((shape & Shape.immV) !== 0 && d.wide) {
        if (room < 8) return Number.POSITIVE_INFINITY;
        const value = this.#view.getInt32(at + 4, true) * 0x1_0000_0000 + this.#view.getUint32(at, true);
        d.imm = Number.isSafeInteger(value) ? value : Number.NaN;
        at += 8;
      } else if (operand16) {
        if (room < 2) return Number.POSITIVE_INFINITY;
        d.imm = this.#view.getInt16(at, true);
        at += 2;
      } else {
        if (room < 4) return Number.POSITIVE_INFINITY;
        d.imm = this.#view.getInt32(at, true);
        at += 4;
      }
    }
    if ((shape & Shape.rel32) !== 0) {
      if (room < 4) return Number.POSITIVE_INFINITY;
      d.imm = this.#view.getInt32(at, true);
      at += 4;
    }
    if ((shape & Shape.imm16) !== 0) at += 2;
    if ((shape & Shape.imm8) !== 0) {
      if (at >= this.#bytes.length) return Number.POSITIVE_INFINITY;
      if ((shape & Shape.imm16) === 0) d.imm = this.#view.getInt8(at);
      at += 1;
    }
    if ((shape & Shape.moffs) !== 0) at += address32 ? 4 : 8;
    return at;
  }

  /** RIP-relative and absolute operands: their address, now that the length is known. */
  #address(out: Insn): void {
    if (this.#ripRelative) {
      out.disp += out.address + out.length;
      out.ref = out.disp;
      out.refKind = Ref.read;
    } else if (out.base < 0 && this.#isOwn(out.disp)) {
      out.ref = out.disp;
      out.refKind = out.index < 0 ? Ref.read : Ref.indexed;
    }
  }
}
