import { Condition, Flow, Op, Ref, type Insn } from "../ir.ts";
import type { Decoded } from "./decoded.ts";
import { MASK_ABCD, MASK_AX, MASK_AX_DX, RAX, RBP, RCX, RSP } from "./opcodes.ts";
import { arithmetic, clobber, clobberRm, push, storeUnknown } from "./operands.ts";

/** A conditional branch; E and NE are told apart. */
export function branch(d: Decoded, out: Insn): void {
  jump(out, Flow.branch, d.imm);
  const code = d.opcode & 15;
  out.condition = code === 4 ? Condition.equal : code === 5 ? Condition.notEqual : Condition.other;
}

/** A direct jump, branch or call by a distance. */
function jump(
  out: Insn,
  flow: typeof Flow.branch | typeof Flow.jump | typeof Flow.call,
  distance: number,
): void {
  out.flow = flow;
  out.target = out.address + out.length + distance;
}

function shift(d: Decoded, out: Insn, count: number): void {
  if (d.rm < 0 || d.size === 2 || d.rm === RSP || count < 0 || (d.opcode & 1) === 0) {
    clobberRm(d, out, (d.opcode & 1) === 0 ? 1 : d.size);
    return;
  }
  const isLeft = d.regBits === 4 || d.regBits === 6;
  if (!isLeft && d.regBits !== 5) {
    clobber(out, d.rm);
    return;
  }
  out.op = isLeft ? Op.shl : Op.shr;
  out.dst = d.rm;
  out.src = d.rm;
  out.width = d.size;
  out.imm = count & (d.size === 8 ? 63 : 31);
}

/** Opcodes C0 to DF: shifts, returns, constants, interrupts, x87. */
export function liftControl(d: Decoded, out: Insn): void {
  const op = d.opcode;
  if (op === 0xc0 || op === 0xc1) shift(d, out, d.imm & 0xff);
  else if (op === 0xd0 || op === 0xd1) shift(d, out, 1);
  else if (op === 0xd2 || op === 0xd3) shift(d, out, -1);
  else if (op === 0xc2 || op === 0xc3 || op === 0xca || op === 0xcb || op === 0xcf) out.flow = Flow.return;
  else if (op === 0xc6 || op === 0xc7) {
    out.imm = d.imm;
    if (d.rm < 0) {
      if (!out.memory) return;
      out.op = Op.storeConstant;
      out.size = op === 0xc6 ? 1 : d.size;
      if (out.ref >= 0) out.refKind = Ref.written;
    } else if (op === 0xc6 || d.size === 2 || d.rm === RSP) clobberRm(d, out, op === 0xc6 ? 1 : d.size);
    else {
      out.op = Op.constant;
      out.dst = d.rm;
      out.width = d.size;
    }
  } else if (op === 0xc8) {
    out.clobbers |= 1 << RBP;
    out.stack = Number.NaN;
  } else if (op === 0xc9) {
    out.op = Op.load;
    out.dst = RBP;
    out.memory = true;
    out.base = RBP;
    out.size = 8;
    out.stackBase = RBP;
    out.stack = 8;
  } else if (op === 0xcc) out.flow = Flow.stop;
  else if (op === 0xcd) {
    out.clobbers |= MASK_ABCD;
    out.flow = d.imm === -128 ? Flow.foreignSyscall : Flow.next;
  } else if (op === 0xd7) clobber(out, RAX);
  else if (op >= 0xd8) {
    if (d.rm < 0) {
      const mayStore = op !== 0xd8 && op !== 0xdc && op !== 0xda && op !== 0xde && d.regBits !== 0;
      if (mayStore) storeUnknown(out, op === 0xd9 && d.regBits === 6 ? 28 : 10);
    } else if (op === 0xdf && d.regBits === 4) clobber(out, RAX);
  }
}

/** Opcodes E0 to FF: loops, calls, jumps, ports, the unary groups. */
export function liftLast(d: Decoded, out: Insn): void {
  const op = d.opcode;
  if (op < 0xe4) {
    jump(out, Flow.branch, d.imm);
    if (op < 0xe3) clobber(out, RCX);
  } else if (op < 0xe8) {
    if (op < 0xe6) clobber(out, RAX);
  } else if (op === 0xe8) jump(out, Flow.call, d.imm);
  else if (op < 0xec) jump(out, Flow.jump, d.imm);
  else if (op < 0xee) clobber(out, RAX);
  else if (op === 0xf1 || op === 0xf4) out.flow = Flow.stop;
  else if (op === 0xf6 || op === 0xf7) {
    if (d.regBits < 2) return;
    if (d.regBits < 4) clobberRm(d, out, op === 0xf6 ? 1 : d.size);
    else out.clobbers |= op === 0xf6 ? MASK_AX : MASK_AX_DX;
  } else if (op === 0xfe) clobberRm(d, out, 1);
  else if (op === 0xff) groupFive(d, out);
}

function groupFive(d: Decoded, out: Insn): void {
  switch (d.regBits) {
    case 0:
    case 1:
      if (d.rm < 0) storeUnknown(out, d.size);
      else {
        out.imm = d.regBits === 0 ? 1 : -1;
        arithmetic(d, out, Op.add);
      }
      return;
    case 2:
    case 3:
      out.flow = Flow.callIndirect;
      out.src = d.rm;
      return;
    case 4:
    case 5:
      out.flow = Flow.jumpIndirect;
      out.src = d.rm;
      return;
    case 6:
      if (d.rm < 0 && out.memory) {
        out.op = Op.pushLoad;
        out.size = 8;
        out.stack = -8;
        return;
      }
      push(out, 8);
      out.op = Op.store;
      out.src = d.rm === RSP ? -1 : d.rm;
      return;
    default:
      out.flow = Flow.invalid;
  }
}
