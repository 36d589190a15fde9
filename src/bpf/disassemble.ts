import { ALU, BPF, type Instruction, isConditionalJump, type Program } from "./program.ts";

const MNEMONICS: Readonly<Record<number, string>> = { 0x10: "jeq", 0x20: "jgt", 0x30: "jge", 0x40: "jset" };

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** What is at an offset of `struct seccomp_data`. */
function dataFieldName(offset: number, bigEndian = false): string {
  if (offset === 0) return "nr";
  if (offset === 4) return "arch";
  const high = (offset % 8 === 4) !== bigEndian;
  const name = offset < 16 ? "ip" : `arg${(offset - 16) >> 3}`;
  return `${name}${high ? ".high" : ".low"}`;
}

/** Words for a return value, such as `errno 1`; values that have none are left to the number alone. */
export type NameReturn = (value: number) => string;

function text(at: Instruction, index: number, nameReturn: NameReturn, bigEndian: boolean): string {
  const { code, jt, jf, k } = at;
  const source = (code & 0x08) !== 0 ? "x" : hex(k);
  if (isConditionalJump(code)) {
    const goal = (offset: number): string => String(index + 1 + offset);
    return `${MNEMONICS[code & 0xf0] ?? "?"} ${source}, ${goal(jt)}, ${goal(jf)}`;
  }
  const operation = ALU[code & ~0x08];
  if (operation !== undefined) return `${operation} ${source}`;
  switch (code) {
    case BPF.LD_ABS:
      return `ld ${dataFieldName(k, bigEndian)}`;
    case BPF.JA:
      return `ja ${index + 1 + k}`;
    case BPF.RET_K:
      return `ret ${nameReturn(k)}`;
    default:
      return OTHERS[code]?.replace("#", String(k)) ?? `unknown ${hex(code)} ${hex(k)}`;
  }
}

const OTHERS: Readonly<Record<number, string>> = {
  [BPF.LD_IMM]: "ld ##",
  [BPF.LD_MEM]: "ld M[#]",
  [BPF.LD_LEN]: "ld len",
  [BPF.LDX_IMM]: "ldx ##",
  [BPF.LDX_MEM]: "ldx M[#]",
  [BPF.LDX_LEN]: "ldx len",
  [BPF.ST]: "st M[#]",
  [BPF.STX]: "stx M[#]",
  [BPF.RET_A]: "ret a",
  [BPF.TAX]: "tax",
  [BPF.TXA]: "txa",
  [BPF.NEG]: "neg",
};

/**
 * One line per instruction, numbered from 0. Jumps name the instructions they go to, first where the comparison
 * holds, then where it does not.
 */
export function disassemble(program: Program, nameReturn: NameReturn = hex, bigEndian = false): string {
  const width = String(program.length - 1).length;
  const lines = program.map(
    (at, index) => `${String(index).padStart(width)}  ${text(at, index, nameReturn, bigEndian)}`,
  );
  return `${lines.join("\n")}\n`;
}
