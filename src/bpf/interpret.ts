import { ALU, BPF, DATA_SIZE, type Instruction, type Program } from "./program.ts";

/** `struct seccomp_data`. */
export interface SeccompData {
  /** Unsigned 32 bits. */
  readonly number: number;
  /** AUDIT_ARCH_*, unsigned 32 bits. */
  readonly arch: number;
  readonly instructionPointer?: bigint;
  /** Up to six unsigned 64-bit values; missing ones are 0. */
  readonly args: readonly bigint[];
}

export interface Run {
  /** The filter's return value, unsigned. */
  readonly value: number;
  /** Instructions executed, the return included. */
  readonly steps: number;
  /** Index of each instruction executed. */
  readonly path: readonly number[];
}

function loadWord(data: SeccompData, offset: number, bigEndian: boolean): number {
  if (offset === 0) return data.number >>> 0;
  if (offset === 4) return data.arch >>> 0;
  const wide = offset < 16 ? (data.instructionPointer ?? 0n) : (data.args[(offset - 16) >> 3] ?? 0n);
  const high = (offset % 8 === 4) !== bigEndian;
  return Number((high ? wide >> 32n : wide) & 0xffff_ffffn);
}

function alu(operation: string, a: number, b: number): number {
  switch (operation) {
    case "add":
      return (a + b) >>> 0;
    case "sub":
      return (a - b) >>> 0;
    case "mul":
      return Math.imul(a, b) >>> 0;
    case "div":
      return Math.floor(a / b) >>> 0;
    case "or":
      return (a | b) >>> 0;
    case "and":
      return (a & b) >>> 0;
    case "xor":
      return (a ^ b) >>> 0;
    case "lsh":
      return (a << (b & 31)) >>> 0;
    default:
      return a >>> (b & 31);
  }
}

function jumps(code: number, a: number, b: number): boolean {
  switch (code & 0xf0) {
    case 0x10:
      return a === b;
    case 0x20:
      return a > b;
    case 0x30:
      return a >= b;
    default:
      return (a & b) !== 0;
  }
}

class Machine {
  a = 0;
  x = 0;
  readonly memory: number[] = Array.from({ length: 16 }, () => 0);

  /** Carries out anything but jumps and returns. False when the kernel ends the program with 0: division by zero. */
  step(at: Instruction, data: SeccompData, bigEndian: boolean): boolean {
    const { code, k } = at;
    const operation = ALU[code & ~0x08];
    if (operation !== undefined) {
      const b = (code & 0x08) !== 0 ? this.x : k;
      if (operation === "div" && b === 0) return false;
      this.a = alu(operation, this.a, b);
      return true;
    }
    if (code === BPF.LD_ABS) this.a = loadWord(data, k, bigEndian);
    else if (code === BPF.LD_IMM) this.a = k;
    else if (code === BPF.LD_LEN) this.a = DATA_SIZE;
    else if (code === BPF.LD_MEM) this.a = this.memory[k] ?? 0;
    else if (code === BPF.LDX_IMM) this.x = k;
    else if (code === BPF.LDX_LEN) this.x = DATA_SIZE;
    else if (code === BPF.LDX_MEM) this.x = this.memory[k] ?? 0;
    else if (code === BPF.ST) this.memory[k] = this.a;
    else if (code === BPF.STX) this.memory[k] = this.x;
    else if (code === BPF.TAX) this.x = this.a;
    else if (code === BPF.TXA) this.a = this.x;
    else if (code === BPF.NEG) this.a = -this.a >>> 0;
    return true;
  }
}

/**
 * Runs a checked program as the kernel does.
 * @param bigEndian byte order of the machine that the program is for
 */
export function interpret(program: Program, data: SeccompData, bigEndian = false): Run {
  const machine = new Machine();
  const path: number[] = [];
  let pc = 0;
  for (;;) {
    const at = program[pc];
    if (at === undefined) throw new RangeError(`the program runs past its end at ${pc}`);
    path.push(pc);
    pc++;
    if (at.code === BPF.RET_K) return { value: at.k, steps: path.length, path };
    if (at.code === BPF.RET_A) return { value: machine.a, steps: path.length, path };
    if (at.code === BPF.JA) pc += at.k;
    else if ((at.code & 0x07) === 0x05) {
      const b = (at.code & 0x08) !== 0 ? machine.x : at.k;
      pc += jumps(at.code, machine.a, b) ? at.jt : at.jf;
    } else if (!machine.step(at, data, bigEndian)) return { value: 0, steps: path.length, path };
  }
}
