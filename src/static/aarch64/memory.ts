import { type Insn, Op, Ref, ZERO } from "../ir.ts";
import { signedField } from "./bits.ts";

const SP = 31;

function memoryAt(out: Insn, base: number, disp: number): void {
  out.memory = true;
  out.base = base;
  out.index = -1;
  out.disp = disp;
}

/** The base register changes by `amount` once the access is done. */
function writeBack(out: Insn, base: number, amount: number): void {
  if (base === SP) out.stack = amount;
  else out.clobbers |= 1 << base;
}

function clobber(out: Insn, register: number): void {
  if (register !== SP) out.clobbers |= 1 << register;
}

function asLoad(out: Insn, register: number, size: number, signed: boolean, width: number): void {
  if (register === SP) return;
  out.op = Op.load;
  out.dst = register;
  out.size = size;
  out.signed = signed;
  out.width = width;
}

function asStore(out: Insn, register: number, size: number): void {
  out.size = size;
  if (register === SP) {
    out.op = Op.storeConstant;
    out.imm = 0;
  } else {
    out.op = Op.store;
    out.src = register;
  }
}

/** A store of something that is not in a general register: what was in memory is gone. */
function asUnknownStore(out: Insn, size: number): void {
  out.op = Op.store;
  out.src = -1;
  out.size = size;
}

function pair(word: number, out: Insn): void {
  const opc = word >>> 30;
  const vector = ((word >>> 26) & 1) === 1;
  const size = vector ? 4 << opc : opc === 2 ? 8 : 4;
  const isLoad = ((word >>> 22) & 1) === 1;
  const mode = (word >>> 23) & 3;
  const base = (word >>> 5) & 31;
  // STGP (opc 1, a store) counts in granules of 16 bytes and stores two 8-byte registers.
  const isTagged = opc === 1 && !vector && !isLoad;
  const offset = signedField(word, 15, 7) * (isTagged ? 16 : size);
  memoryAt(out, base, mode === 1 ? 0 : offset);
  if (mode === 1 || mode === 3) writeBack(out, base, offset);
  const first = word & 31;
  const second = (word >>> 10) & 31;
  if (vector) {
    if (!isLoad) asUnknownStore(out, size * 2);
    else out.size = size * 2;
    return;
  }
  if (isLoad) {
    if (first === SP || second === SP) {
      clobber(out, first);
      clobber(out, second);
      out.size = size * 2;
      return;
    }
    asLoad(out, first, size, opc === 1, opc === 0 ? 4 : 8);
    out.dst2 = second;
    return;
  }
  // Register 31 is the zero register here.
  out.op = Op.store;
  out.src = first === SP ? ZERO : first;
  out.src2 = second === SP ? ZERO : second;
  out.size = isTagged ? 8 : size;
}

/** LDXR, STXR, LDAR, STLR, CAS and their pairs. */
function exclusive(word: number, out: Insn): void {
  const size = 1 << (word >>> 30);
  const status = (word >>> 16) & 31;
  const register = word & 31;
  const second = (word >>> 10) & 31;
  const ordered = ((word >>> 23) & 1) === 1;
  const isLoad = ((word >>> 22) & 1) === 1;
  const o1 = ((word >>> 21) & 1) === 1;
  memoryAt(out, (word >>> 5) & 31, 0);
  if (o1 && (ordered || size < 4)) {
    // CAS gives its first register the old value, CASP two of them.
    asUnknownStore(out, size * (ordered ? 1 : 2));
    clobber(out, status);
    if (!ordered) clobber(out, (status + 1) & 31);
    return;
  }
  if (o1) {
    clobber(out, isLoad ? register : status);
    if (isLoad) {
      clobber(out, second);
      out.size = size * 2;
    } else asUnknownStore(out, size * 2);
    return;
  }
  if (isLoad) return asLoad(out, register, size, false, size === 8 ? 8 : 4);
  if (!ordered) clobber(out, status);
  asStore(out, register, size);
}

function scalar(word: number, out: Insn): void {
  const size = 1 << (word >>> 30);
  const opc = (word >>> 22) & 3;
  const register = word & 31;
  if (((word >>> 26) & 1) === 1) {
    const vectorSize = opc >= 2 ? 16 : size;
    if ((opc & 1) === 0) asUnknownStore(out, vectorSize);
    else out.size = vectorSize;
    return;
  }
  if (opc === 0) return asStore(out, register, size);
  if (opc === 2 && size === 8) return; // PRFM
  asLoad(out, register, size, opc >= 2, opc === 2 || size === 8 ? 8 : 4);
}

/** Bytes moved by the access, as a power of two: the scale of offsets. */
function scaleOf(word: number): number {
  const isVector16 = ((word >>> 26) & 1) === 1 && ((word >>> 23) & 1) === 1;
  return isVector16 ? 4 : word >>> 30;
}

function single(word: number, out: Insn): void {
  const base = (word >>> 5) & 31;
  if (((word >>> 24) & 1) === 1) {
    memoryAt(out, base, ((word >>> 10) & 0xfff) * 2 ** scaleOf(word));
    return scalar(word, out);
  }
  const mode = (word >>> 10) & 3;
  if (((word >>> 21) & 1) === 0) {
    const offset = signedField(word, 12, 9);
    memoryAt(out, base, mode === 1 ? 0 : offset);
    scalar(word, out);
    if (mode === 1 || mode === 3) writeBack(out, base, offset);
    return;
  }
  if (mode === 2) {
    memoryAt(out, base, 0);
    const index = (word >>> 16) & 31;
    out.index = index === SP ? -1 : index;
    out.scale = ((word >>> 12) & 1) === 1 ? 2 ** scaleOf(word) : 1;
    return scalar(word, out);
  }
  memoryAt(out, base, 0);
  if (mode === 0) {
    if ((word & 0x3fff_fc00) >>> 0 === 0x38bf_c000) {
      const size = 1 << (word >>> 30);
      return asLoad(out, word & 31, size, false, size === 8 ? 8 : 4); // LDAPR
    }
    // Atomic memory operations; ST64BV and ST64BV0 give a status, LD64B fills eight registers.
    const kind = (word >>> 12) & 15;
    const isBlock = word >>> 30 === 3;
    asUnknownStore(out, isBlock ? 64 : 8);
    clobber(out, isBlock && (kind === 10 || kind === 11) ? (word >>> 16) & 31 : word & 31);
    if (isBlock && kind === 13) for (let r = 1; r < 8; r++) clobber(out, ((word & 31) + r) & 31);
    return;
  }
  // LDRAA and LDRAB: the base is signed, so the place is not known.
  memoryAt(out, base, Number.NaN);
  clobber(out, word & 31);
  if (mode === 3) writeBack(out, base, Number.NaN);
}

/** LDR and LDRSW of a literal. */
function literal(word: number, out: Insn, address: number): void {
  const opc = word >>> 30;
  const target = address + signedField(word, 5, 19) * 4;
  const isVector = ((word >>> 26) & 1) === 1;
  if (opc === 3 && !isVector) return; // PRFM
  memoryAt(out, -1, target);
  out.ref = target;
  out.refKind = Ref.read;
  if (isVector) out.size = 4 << opc;
  else asLoad(out, word & 31, opc === 1 ? 8 : 4, opc === 2, opc === 0 ? 4 : 8);
}

/** Loads and stores: every word with bit 27 set and bit 25 clear. */
export function liftMemory(word: number, address: number, out: Insn): void {
  const group = (word >>> 27) & 7;
  const isVector = ((word >>> 26) & 1) === 1;
  if (group === 1 && !isVector) return exclusive(word, out);
  if (group === 1) {
    // LD1 to ST4: vectors, with write-back by a constant or a register.
    memoryAt(out, (word >>> 5) & 31, 0);
    if (((word >>> 22) & 1) === 0) asUnknownStore(out, 64);
    else out.size = 64;
    if (((word >>> 23) & 1) === 1) writeBack(out, (word >>> 5) & 31, Number.NaN);
    return;
  }
  if (group === 3 && ((word >>> 24) & 1) === 0) return literal(word, out, address);
  if (group === 3) return unscaledOrdered(word, out);
  if (group === 5) return pair(word, out);
  single(word, out);
}

/** LDG, STG and their kin: bits 31 to 24 are 0xD9, bit 21 is set. */
function memoryTag(word: number, base: number, out: Insn): void {
  const mode = (word >>> 10) & 3;
  const offset = signedField(word, 12, 9) * 16;
  memoryAt(out, base, mode === 1 ? 0 : offset);
  if (mode === 0 && ((word >>> 22) & 1) === 1) return clobber(out, word & 31);
  // STZG fills with zeros.
  asUnknownStore(out, 32);
  if ((mode & 1) === 1) writeBack(out, base, offset);
}

/** LDAPUR, STLUR, memory tags, and the memory copy instructions. */
function unscaledOrdered(word: number, out: Insn): void {
  const base = (word >>> 5) & 31;
  if (word >>> 24 === 0xd9 && ((word >>> 21) & 1) === 1) return memoryTag(word, base, out);
  memoryAt(out, base, signedField(word, 12, 9));
  if (((word >>> 10) & 3) === 0) return scalar(word, out);
  asUnknownStore(out, 16);
  // CPY and SET move all their registers along; SET only reads the last.
  memoryAt(out, base, Number.NaN);
  clobber(out, word & 31);
  writeBack(out, base, Number.NaN);
  if (((word >>> 22) & 3) !== 3) clobber(out, (word >>> 16) & 31);
}
