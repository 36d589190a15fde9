import {
  Condition,
  clearInsn,
  type Extent,
  Flow,
  type Insn,
  type Lifter,
  type LifterInput,
  newInsn,
  Op,
  Ref,
} from "../ir.ts";
import { signedField } from "./bits.ts";
import { liftImmediate, liftRegister, liftVector } from "./data.ts";
import { KnownAddresses } from "./known.ts";
import { liftMemory } from "./memory.ts";

const NOP = 0xd503_201f;
/** Each round settles one more backward branch on the way; real code needs two. */
const MAX_ROUNDS = 4;

function liftException(word: number, out: Insn): void {
  const kind = word & 0x00e0_001f;
  if (kind === 0x01) out.flow = Flow.syscall;
  else if ((word & 0x00e0_0000) !== 0x0060_0000) out.flow = Flow.stop; // HVC, SMC, BRK, HLT, DCPS; not TCANCEL
}

function liftJump(word: number, out: Insn): void {
  const opc = (word >>> 21) & 0xf;
  const kind = opc & 7;
  out.src = (word >>> 5) & 31;
  if (kind === 0) out.flow = Flow.jumpIndirect;
  else if (kind === 1) out.flow = Flow.callIndirect;
  else if (kind === 2) {
    out.flow = Flow.return;
    out.src = -1;
  } else {
    out.flow = Flow.stop;
    out.src = -1;
  }
}

/** Branches, exceptions, system instructions: bits 28 to 26 are 101. */
function liftControl(word: number, address: number, out: Insn): void {
  const top = word >>> 24;
  if ((top & 0x7c) === 0x14) {
    out.flow = word >>> 31 === 1 ? Flow.call : Flow.jump;
    out.target = address + signedField(word, 0, 26) * 4;
  } else if (top === 0x54 || (top & 0x7e) === 0x34) {
    // B.AL and B.NV always go.
    out.flow = top === 0x54 && (word & 0xe) === 0xe ? Flow.jump : Flow.branch;
    // CBZ and CBNZ of a whole register.
    if ((top & 0xfe) === 0xb4 && (word & 31) !== 31) {
      out.compared = word & 31;
      out.condition = (top & 1) === 0 ? Condition.equal : Condition.notEqual;
    }
    out.target = address + signedField(word, 5, 19) * 4;
  } else if ((top & 0x7e) === 0x36) {
    out.flow = Flow.branch;
    out.target = address + signedField(word, 5, 14) * 4;
  } else if (top === 0xd4) {
    liftException(word, out);
  } else if (top === 0xd5) {
    if (((word >>> 21) & 1) === 1) out.clobbers |= (1 << (word & 31)) & 0x7fff_ffff; // MRS, SYSL
    out.nop = word >>> 0 === NOP;
  } else if ((top & 0xfe) === 0xd6) {
    liftJump(word, out);
  } else {
    out.flow = Flow.invalid;
  }
}

/** Fills `out` from one word, without context. */
export function liftWord(word: number, address: number, out: Insn): void {
  clearInsn(out, address, 4);
  const group = (word >>> 25) & 0xf;
  if ((group & 0xe) === 8) liftImmediate(word, address, out);
  else if ((group & 0xe) === 0xa) liftControl(word, address, out);
  else if ((group & 5) === 4) liftMemory(word, address, out);
  else if ((group & 7) === 5) liftRegister(word, out);
  else if ((group & 7) === 7) liftVector(word, out);
  else if (group === 2) liftScalable(word, out);
  else if (group === 0 && word >>> 31 === 1) liftMatrix(out);
  else out.flow = word >>> 16 === 0 ? Flow.stop : Flow.invalid;
}

/** SME: no general register is written, memory may be. */
function liftMatrix(out: Insn): void {
  out.op = Op.store;
  out.memory = true;
  out.disp = Number.NaN;
}

/** SVE: loads and stores write no general register; of the others what may reach one is lost, ADDVL may change SP. */
function liftScalable(word: number, out: Insn): void {
  if (word >>> 31 === 1) {
    if (word >>> 29 !== 7) return;
    out.op = Op.store;
    out.size = 4096;
    out.memory = true;
    out.base = (word >>> 5) & 31;
    out.disp = Number.NaN;
  } else if ((word & 0xffa0_f800) >>> 0 === 0x0420_5000 && (word & 31) === 31) out.stack = Number.NaN;
  else out.clobbers |= (1 << (word & 31)) & 0x7fff_ffff;
}

/** Reads instructions of one file in order and says which addresses they mention. */
export class Aarch64Lifter implements Lifter {
  readonly #view: DataView;
  readonly #known = new KnownAddresses();
  /** By register: the slot that its value was loaded from, for the jump of a PLT entry. */
  readonly #slots = new Float64Array(32).fill(-1);

  constructor(file: LifterInput) {
    this.#view = new DataView(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength);
  }

  // What an instruction mentions depends on those before it, which have to be lifted.
  plainLength(): number {
    return 0;
  }

  reset(extent?: Extent): void {
    this.#known.reset();
    this.#slots.fill(-1);
    if (extent !== undefined) this.#lookAhead(extent);
  }

  /** Reads a function until its backward branches bring nothing new to their targets. */
  #lookAhead({ address, offset, length }: Extent): void {
    const size = Math.min(length, this.#view.byteLength - offset);
    if (!this.#needsLookAhead(offset, size)) return;
    const insn = newInsn();
    for (let round = 0; round < MAX_ROUNDS; round++) {
      for (let at = 0; at + 4 <= size; at += 4) this.lift(address + at, offset + at, offset + size, insn);
      if (!this.#known.hasNews) break;
      this.#known.restart();
      this.#slots.fill(-1);
    }
    this.#known.restart();
    this.#slots.fill(-1);
  }

  /** Whether there is a backward branch, and a page in a register that outlives calls. */
  #needsLookAhead(offset: number, size: number): boolean {
    let hasPage = false;
    let goesBack = false;
    for (let at = offset; at + 4 <= offset + size && !(hasPage && goesBack); at += 4) {
      const word = this.#view.getUint32(at, true);
      const top = word >>> 24;
      if ((top & 0x9f) === 0x90) hasPage ||= (word & 31) >= 18;
      else if ((top & 0xfc) === 0x14) goesBack ||= ((word >>> 25) & 1) === 1;
      else if (top === 0x54 || (top & 0x7e) === 0x34) goesBack ||= ((word >>> 23) & 1) === 1;
      else if ((top & 0x7e) === 0x36) goesBack ||= ((word >>> 18) & 1) === 1;
    }
    return hasPage && goesBack;
  }

  lift(address: number, offset: number, limit: number, out: Insn): void {
    if (offset + 4 > Math.min(limit, this.#view.byteLength)) {
      clearInsn(out, address, 4);
      out.flow = Flow.invalid;
      return;
    }
    const word = this.#view.getUint32(offset, true);
    liftWord(word, address, out);
    this.#known.arrive(address);
    this.#mention(out);
    this.#remember(out, (word & 0x1f00_0000) === 0x1000_0000);
  }

  #mention(out: Insn): void {
    const known = this.#known;
    if (out.flow === Flow.callIndirect || out.flow === Flow.jumpIndirect) {
      const slot = this.#slots[out.src] ?? -1;
      if (slot !== -1) {
        out.memory = true;
        out.ref = slot;
        out.refKind = Ref.read;
        out.disp = slot;
      }
      return;
    }
    if (out.op === Op.add && out.width === 8) {
      const base = known.get(out.src);
      if (base !== -1) {
        out.ref = base + out.imm;
        out.refKind = Ref.taken;
      }
    } else if (out.memory && out.ref === -1) {
      const base = known.get(out.base);
      if (base === -1) return;
      out.ref = base + out.disp;
      out.refKind =
        out.index !== -1
          ? Ref.indexed
          : out.op === Op.store || out.op === Op.storeConstant
            ? Ref.written
            : Ref.read;
    } else if (out.op === Op.addReg && out.width === 8) {
      const base = known.get(out.src);
      const other = known.get(out.src2);
      if (base === -1 && other === -1) return;
      out.ref = base === -1 ? other : base;
      out.refKind = Ref.indexed;
    }
  }

  /** `isAddress`: ADR and ADRP. Other constants are numbers, whatever they look like. */
  #remember(out: Insn, isAddress: boolean): void {
    const known = this.#known;
    let value = -1;
    if (out.width === 8) {
      if (isAddress) value = out.imm;
      else if (out.op === Op.add && out.refKind === Ref.taken) value = out.ref;
      else if (out.op === Op.move) value = known.get(out.src);
    }
    const slot = out.op === Op.load && out.refKind === Ref.read && out.size === 8 ? out.ref : -1;
    let written = out.clobbers;
    if (out.dst >= 0) written |= 1 << out.dst;
    if (out.dst2 >= 0) written |= 1 << out.dst2;
    known.kill(written);
    for (let left = written & 0x7fff_ffff; left !== 0; left &= left - 1)
      this.#slots[31 - Math.clz32(left & -left)] = -1;
    if (value !== -1) known.set(out.dst, value);
    if (slot !== -1) this.#slots[out.dst] = slot;
    this.#leave(out);
  }

  #leave(out: Insn): void {
    const known = this.#known;
    const flow = out.flow;
    if (flow === Flow.branch || flow === Flow.jump) known.branch(out.address, out.target);
    if (flow === Flow.jump || flow === Flow.jumpIndirect || flow === Flow.return || flow === Flow.stop)
      known.end();
    else if (flow === Flow.call || flow === Flow.callIndirect) {
      // x0 to x17 and the link register do not survive a call.
      known.kill(0x4003_ffff);
      this.#slots.fill(-1, 0, 18);
    }
  }
}
