import type { Body } from "../code/body.ts";
import { Op, type Insn } from "../ir.ts";
import { applyBinary, applyUnary, plus } from "./arithmetic.ts";
import { registerLocation, slotLocation, type Location } from "./location.ts";
import { readMemory, type MemoryView } from "./memory.ts";
import { indexedLoad } from "./table.ts";
import { constant, narrowed, unknown, ValueSet, type EntryValue, type Value } from "./value.ts";

/** Answers for the operands of an instruction. */
export interface Asked {
  readonly body: Body;
  readonly memory: MemoryView;
  /** Values of a location just before the instruction at an index. */
  before(index: number, location: Location): Value[];
  /** Whether no way leads to the instruction at an index. */
  isDead(index: number): boolean;
}

/** Values of a register after an instruction that sets its low byte, or all of it, to 0 or 1. */
export function boolValues(asked: Asked, index: number, location: Location, insn: Insn): Value[] {
  if (location.isLowByte || insn.width !== 1) return [constant(0), constant(1)];
  return asked
    .before(index, registerLocation(insn.dst))
    .flatMap((v): Value[] =>
      v.kind === "constant"
        ? [0, 1].map(bit => constant(v.value - (v.value & 0xff) + bit))
        : [unknown("arithmetic", insn.address)],
    );
}

/** Values that an operation other than a plain move gives. */
export function resultsOf(asked: Asked, index: number, location: Location, insn: Insn): readonly Value[] {
  switch (insn.op) {
    case Op.move:
      return asked.before(index, registerLocation(insn.src)).map(narrowed);
    case Op.select: {
      const other = asked.before(index, registerLocation(insn.src2 >= 0 ? insn.src2 : insn.dst));
      const both = [...asked.before(index, registerLocation(insn.src)), ...other.map(v => plus(v, insn.imm))];
      return insn.width === 4 ? both.map(narrowed) : both;
    }
    case Op.mask:
      return [constant(0), insn.width === 4 ? constant(0xffff_ffff) : constant(-1)];
    case Op.load:
      return loadedValues(asked, index, insn, location.register === insn.dst2 ? insn.size : 0);
    case Op.addReg:
    case Op.orReg:
      return binary(asked, index, insn);
    case Op.and:
      if (insn.imm === 0xff) return asked.before(index, registerLocation(insn.src, true));
      break;
    default:
  }
  return asked.before(index, registerLocation(insn.src)).flatMap(v => applyUnary(insn, v));
}

function binary(asked: Asked, index: number, insn: Insn): Value[] {
  const left = insn.src < 0 ? [constant(0)] : asked.before(index, registerLocation(insn.src));
  const right = asked.before(index, registerLocation(insn.src2));
  if (left.length * right.length > ValueSet.limit) return [unknown("too-complex", insn.address)];
  return left.flatMap(a => right.map(b => applyBinary(insn, a, b)));
}

/** What a load can give; `plusBytes` for the second register of a pair. */
export function loadedValues(asked: Asked, index: number, insn: Insn, plusBytes: number): readonly Value[] {
  const { module } = asked.body;
  const disp = insn.disp + plusBytes;
  const narrow = insn.width === 4 && insn.size <= 4;
  const isLost = insn.base === module.machine.stackPointer && Number.isNaN(asked.body.stack.offsets[index]);
  if (isLost && asked.isDead(index)) return [];
  const nothing = [unknown("memory", insn.address)];
  if (insn.index >= 0) {
    const bases = insn.base < 0 ? [constant(0)] : asked.before(index, registerLocation(insn.base));
    const indexes = asked.before(index, registerLocation(insn.index));
    return indexedLoad(asked.memory, module, insn, disp, bases, indexes) ?? nothing;
  }
  if (insn.base < 0) {
    const values = readMemory(asked.memory, module, disp, insn.size, insn.signed) ?? nothing;
    return narrow ? values.map(narrowed) : values;
  }
  return asked.before(index, registerLocation(insn.base)).flatMap((pointer): readonly Value[] => {
    const at = plus(pointer, disp);
    switch (at.kind) {
      case "constant":
        return readMemory(asked.memory, at.module ?? module, at.value, insn.size, insn.signed) ?? nothing;
      case "stack":
        return asked.before(index, slotLocation(at.offset, insn.size));
      case "entry":
        if (insn.size < 4) return nothing;
        return [
          {
            kind: "deref",
            pointer: at satisfies EntryValue,
            offset: 0,
            size: insn.size,
            narrow: insn.size === 4,
          },
        ];
      default:
        return nothing;
    }
  });
}
