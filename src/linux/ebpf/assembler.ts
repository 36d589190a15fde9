/**
 * An assembler for eBPF: one method an instruction, labels instead of offsets.
 * Encoding: Documentation/bpf/standardization/instruction-set.rst.
 */

/** Registers: R0 result, R1–R5 arguments (lost in calls), R6–R9 kept, R10 frame pointer. */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;
export const R0 = 0;
export const R1 = 1;
export const R2 = 2;
export const R3 = 3;
export const R4 = 4;
export const R5 = 5;
export const R6 = 6;
export const R7 = 7;
export const R8 = 8;
export const R9 = 9;
export const FP = 10;

const SIZE = { 1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18 } as const;
type Width = keyof typeof SIZE;

const ALU = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  or: 0x40,
  and: 0x50,
  lsh: 0x60,
  rsh: 0x70,
  xor: 0xa0,
  mov: 0xb0,
} as const;
const JUMP = {
  eq: 0x10,
  gt: 0x20,
  ge: 0x30,
  set: 0x40,
  ne: 0x50,
  sgt: 0x60,
  sge: 0x70,
  lt: 0xa0,
  le: 0xb0,
  slt: 0xc0,
  sle: 0xd0,
} as const;
export type AluOperation = keyof typeof ALU;
export type JumpCondition = keyof typeof JUMP;

/** Numbers of helper functions, include/uapi/linux/bpf.h. */
const HELPER = {
  map_lookup_elem: 1,
  map_update_elem: 2,
  map_delete_elem: 3,
  ktime_get_ns: 5,
  get_current_pid_tgid: 14,
  get_current_ancestor_cgroup_id: 123,
  probe_read_kernel_str: 115,
  get_current_task_btf: 158,
} as const;

interface Instruction {
  opcode: number;
  registers: number;
  offset: number;
  immediate: number;
  target?: string;
}

const MAP_FD = 1;
const MAP_VALUE = 2;

export class Assembler {
  readonly #code: Instruction[] = [];
  readonly #labels = new Map<string, number>();

  label(name: string): this {
    if (this.#labels.has(name)) throw new Error(`label ${name} is defined twice`);
    this.#labels.set(name, this.#code.length);
    return this;
  }

  /** 64-bit ALU operation with a register. */
  alu(operation: AluOperation, destination: Register, source: Register): this {
    return this.#emit(0x0f | ALU[operation], destination, source, 0, 0);
  }

  /** 64-bit ALU operation with a sign-extended 32-bit constant. */
  aluImmediate(operation: AluOperation, destination: Register, value: number): this {
    return this.#emit(0x07 | ALU[operation], destination, 0, 0, value);
  }

  mov(destination: Register, source: Register): this {
    return this.alu("mov", destination, source);
  }

  movImmediate(destination: Register, value: number): this {
    return this.aluImmediate("mov", destination, value);
  }

  load(width: Width, destination: Register, base: Register, offset: number): this {
    return this.#emit(0x61 | SIZE[width], destination, base, offset, 0);
  }

  store(width: Width, base: Register, offset: number, source: Register): this {
    return this.#emit(0x63 | SIZE[width], base, source, offset, 0);
  }

  storeImmediate(width: Width, base: Register, offset: number, value: number): this {
    return this.#emit(0x62 | SIZE[width], base, 0, offset, value);
  }

  /** `*(base + offset) += source`, atomically; with `fetch` the old value comes back in `source`. */
  atomicAdd(width: 4 | 8, base: Register, offset: number, source: Register, fetch = false): this {
    return this.#emit(0xc3 | SIZE[width], base, source, offset, fetch ? 1 : 0);
  }

  loadImmediate64(destination: Register, value: bigint): this {
    return this.#wide(destination, 0, value);
  }

  loadMap(destination: Register, fd: number): this {
    return this.#wide(destination, MAP_FD, BigInt(fd));
  }

  /** The address of the only value of an array map. */
  loadMapValue(destination: Register, fd: number, offset = 0): this {
    return this.#wide(destination, MAP_VALUE, BigInt(fd) | (BigInt(offset) << 32n));
  }

  jump(target: string): this {
    return this.#emit(0x05, 0, 0, 0, 0, target);
  }

  /** 64-bit comparison with a constant. */
  jumpIf(condition: JumpCondition, left: Register, value: number, target: string): this {
    return this.#emit(0x05 | JUMP[condition], left, 0, 0, value, target);
  }

  jumpIfRegister(condition: JumpCondition, left: Register, right: Register, target: string): this {
    return this.#emit(0x0d | JUMP[condition], left, right, 0, 0, target);
  }

  call(helper: keyof typeof HELPER): this {
    return this.#emit(0x85, 0, 0, 0, HELPER[helper]);
  }

  exit(): this {
    return this.#emit(0x95, 0, 0, 0, 0);
  }

  /** Machine code, 8 bytes an instruction, in this machine's (little-endian) order. */
  assemble(): Uint8Array {
    const bytes = new DataView(new ArrayBuffer(this.#code.length * 8));
    this.#code.forEach((instruction, index) => {
      let offset = instruction.offset;
      if (instruction.target !== undefined) {
        const target = this.#labels.get(instruction.target);
        if (target === undefined) throw new Error(`label ${instruction.target} is not defined`);
        offset = target - index - 1;
      }
      bytes.setUint8(index * 8, instruction.opcode);
      bytes.setUint8(index * 8 + 1, instruction.registers);
      bytes.setInt16(index * 8 + 2, offset, true);
      bytes.setInt32(index * 8 + 4, instruction.immediate, true);
    });
    return new Uint8Array(bytes.buffer);
  }

  #wide(destination: Register, pseudo: number, value: bigint): this {
    this.#emit(0x18, destination, pseudo, 0, Number(BigInt.asIntN(32, value)));
    return this.#emit(0, 0, 0, 0, Number(BigInt.asIntN(32, value >> 32n)));
  }

  #emit(
    opcode: number,
    destination: number,
    source: number,
    offset: number,
    immediate: number,
    target?: string,
  ): this {
    const instruction: Instruction = { opcode, registers: destination | (source << 4), offset, immediate };
    if (target !== undefined) instruction.target = target;
    this.#code.push(instruction);
    return this;
  }
}
