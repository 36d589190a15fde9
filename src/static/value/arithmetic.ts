import { Op, type Insn } from "../ir.ts";
import { constant, low32, narrowed, unknown, type Value } from "./value.ts";

/** A bit operation with more free bits than this gives too many values to list. */
const MAX_MASK = 63;

function onConstants(insn: Insn, value: number): number | undefined {
  const { imm } = insn;
  switch (insn.op) {
    case Op.and:
      return wide(BigInt.asUintN(64, BigInt(value)) & BigInt.asUintN(64, BigInt(imm)));
    case Op.or:
      return wide(BigInt.asUintN(64, BigInt(value)) | BigInt.asUintN(64, BigInt(imm)));
    case Op.xor:
      return wide(BigInt.asUintN(64, BigInt(value)) ^ BigInt.asUintN(64, BigInt(imm)));
    case Op.shl:
      return wide(BigInt.asUintN(64, BigInt(value) << BigInt(imm)));
    case Op.shr:
      return wide(BigInt.asUintN(insn.width * 8, BigInt(value)) >> BigInt(imm));
    case Op.signExtend: {
      const size = insn.size * 8;
      return Number(BigInt.asIntN(size, BigInt(value)));
    }
    case Op.insert: {
      const part = insn.size === 1 ? 0xffn : 0xffffn;
      const mask = BigInt.asUintN(64, ~(part << BigInt(insn.scale)));
      return wide((BigInt.asUintN(64, BigInt(value)) & mask) | BigInt(imm));
    }
    default:
      return undefined;
  }
}

/** As a number if it is exact that way, taken as signed. */
function wide(value: bigint): number | undefined {
  const signed = Number(BigInt.asIntN(64, value));
  return Number.isSafeInteger(signed) ? signed : undefined;
}

/** value + by. */
export function plus(value: Value, by: number): Value {
  if (by === 0) return value;
  switch (value.kind) {
    case "constant":
      return Number.isSafeInteger(value.value + by)
        ? constant(value.value + by, value.module)
        : unknown("arithmetic", -1);
    case "stack":
      return { kind: "stack", offset: value.offset + by };
    case "entry":
      return value.narrow ? unknown("arithmetic", -1) : { ...value, add: value.add + by };
    case "deref":
      return unknown("arithmetic", -1);
    default:
      return value;
  }
}

/** What an operation with one operand and a constant makes of a value. */
export function applyUnary(insn: Insn, value: Value): readonly Value[] {
  const narrow = (v: Value): Value => (insn.width === 4 ? narrowed(v) : v);
  if (insn.op === Op.add) return [narrow(plus(value, insn.imm))];
  if (value.kind === "constant" && !Number.isNaN(insn.imm)) {
    const result = onConstants(insn, value.value);
    if (result !== undefined) return [narrow(constant(result))];
  }
  // Sign and zero extension keep what we want to know of a value from outside: its low 32 bits.
  if ((value.kind === "entry" || value.kind === "deref") && isExtension(insn)) return [narrowed(value)];
  if (insn.op === Op.and && insn.imm >= 0 && insn.imm <= MAX_MASK)
    return subsets(insn.imm).map(v => constant(v));
  return [value.kind === "unknown" ? value : unknown("arithmetic", insn.address)];
}

function isExtension(insn: Insn): boolean {
  return (
    (insn.op === Op.signExtend && insn.size === 4) || (insn.op === Op.and && low32(insn.imm) === 0xffff_ffff)
  );
}

/** All values whose bits are among those of a mask. */
function subsets(mask: number): number[] {
  const found: number[] = [];
  for (let bits = mask; ; bits = (bits - 1) & mask) {
    found.push(bits);
    if (bits === 0) return found.reverse();
  }
}

/** Constant results of a + b * scale + imm, or a | b. */
export function applyBinary(insn: Insn, a: Value, b: Value): Value {
  const narrow = (v: Value): Value => (insn.width === 4 ? narrowed(v) : v);
  if (insn.op === Op.orReg) {
    if (a.kind !== "constant" || b.kind !== "constant") return unknown("arithmetic", insn.address);
    const result = wide(BigInt.asUintN(64, BigInt(a.value)) | BigInt.asUintN(64, BigInt(b.value)));
    return result === undefined ? unknown("arithmetic", insn.address) : narrow(constant(result));
  }
  if (b.kind === "constant") return narrow(plus(a, b.value * insn.scale + insn.imm));
  if (a.kind === "constant" && insn.scale === 1) return narrow(plus(b, a.value + insn.imm));
  return unknown("arithmetic", insn.address);
}
