/** Shapes of x86-64 instructions, as far as their length needs: Intel SDM volume 2, appendix A. */
export const Shape = {
  modrm: 1,
  imm8: 2,
  imm16: 4,
  /** 4 bytes, 2 with an operand-size prefix. */
  immZ: 8,
  /** A relative branch of 4 bytes, whatever the prefixes say. */
  rel32: 16,
  invalid: 32,
  /** imm64 with REX.W, else immZ. */
  immV: 64,
  /** An address of 8 bytes, 4 with an address-size prefix. */
  moffs: 128,
} as const;

function fill(table: Uint8Array, shape: number, ...opcodes: (number | readonly [number, number])[]): void {
  for (const entry of opcodes) {
    const [from, to] = typeof entry === "number" ? [entry, entry] : entry;
    table.fill(shape, from, to + 1);
  }
}

/** The one-byte map. Prefixes and escapes never get here. */
export const ONE_BYTE: Uint8Array = new Uint8Array(256);
for (let group = 0; group < 0x40; group += 8) {
  fill(ONE_BYTE, Shape.modrm, [group, group + 3]);
  fill(ONE_BYTE, Shape.imm8, group + 4);
  fill(ONE_BYTE, Shape.immZ, group + 5);
  fill(ONE_BYTE, Shape.invalid, [group + 6, group + 7]);
}
fill(ONE_BYTE, Shape.invalid, [0x60, 0x62], 0x82, 0x9a, 0xce, [0xd4, 0xd6], 0xea);
fill(ONE_BYTE, Shape.modrm, 0x63, [0x84, 0x8f], [0xd0, 0xd3], [0xd8, 0xdf], 0xf6, 0xf7, 0xfe, 0xff);
fill(ONE_BYTE, Shape.modrm | Shape.imm8, 0x6b, 0x80, 0x83, 0xc0, 0xc1, 0xc6);
fill(ONE_BYTE, Shape.modrm | Shape.immZ, 0x69, 0x81, 0xc7);
fill(ONE_BYTE, Shape.imm8, 0x6a, [0x70, 0x7f], 0xa8, [0xb0, 0xb7], 0xcd, [0xe0, 0xe7], 0xeb);
fill(ONE_BYTE, Shape.immZ, 0x68, 0xa9);
fill(ONE_BYTE, Shape.immV, [0xb8, 0xbf]);
fill(ONE_BYTE, Shape.moffs, [0xa0, 0xa3]);
fill(ONE_BYTE, Shape.imm16, 0xc2, 0xca);
fill(ONE_BYTE, Shape.imm16 | Shape.imm8, 0xc8);
fill(ONE_BYTE, Shape.rel32, 0xe8, 0xe9);

/** The two-byte map (0F xx). */
export const TWO_BYTE: Uint8Array = new Uint8Array(256).fill(Shape.modrm);
fill(
  TWO_BYTE,
  0,
  [0x05, 0x09],
  0x0b,
  0x0e,
  [0x30, 0x35],
  0x37,
  0x77,
  [0xa0, 0xa2],
  [0xa8, 0xaa],
  [0xc8, 0xcf],
);
fill(TWO_BYTE, Shape.invalid, 0x04, 0x0a, 0x0c, [0x24, 0x27], 0x36, 0x39, [0x3b, 0x3f]);
fill(TWO_BYTE, Shape.modrm | Shape.imm8, 0x0f, [0x70, 0x73], 0xa4, 0xac, 0xba, 0xc2, [0xc4, 0xc6]);
fill(TWO_BYTE, Shape.rel32, [0x80, 0x8f]);

const bit = (register: number): number => 1 << register;
export const RAX = 0;
export const RCX = 1;
export const RDX = 2;
export const RBX = 3;
export const RSP = 4;
export const RBP = 5;
export const RSI = 6;
export const RDI = 7;
export const MASK_AX: number = bit(RAX);
export const MASK_AX_DX: number = bit(RAX) | bit(RDX);
export const MASK_ABCD: number = bit(RAX) | bit(RBX) | bit(RCX) | bit(RDX);
export const MASK_STRING: number = bit(RSI) | bit(RDI) | bit(RCX);

/** What a vector or two-byte instruction does to general registers: the `reg` operand is one and is written. */
export const WRITES_REG = 1;
/** The `rm` operand is a general register or memory and is written. */
export const WRITES_RM = 2;
/** The `rm` operand, if memory, is written; if a register, it is a vector or mask register. */
export const WRITES_MEMORY = 4;
/** The register in VEX.vvvv is a general one and is written. */
export const WRITES_VVVV = 8;
/** RCX is written (PCMPESTRI and its kin). */
export const WRITES_RCX = 16;

/**
 * Effects of legacy SSE, VEX and EVEX instructions on general registers and memory.
 * `prefix`: 0 none, 1 = 66, 2 = F3, 3 = F2. `map`: 1 = 0F, 2 = 0F38, 3 = 0F3A, 5 and 6 as EVEX numbers them.
 */
export function vectorEffects(map: number, opcode: number, prefix: number, encoding: 0 | 1 | 2): number {
  if (map === 1 || map === 5) {
    switch (opcode) {
      case 0x50:
      case 0xc5:
      case 0xd7:
        return map === 1 ? WRITES_REG : 0;
      case 0x2c:
      case 0x2d:
        return prefix >= 2 || map === 5 ? WRITES_REG : 0;
      case 0x78:
      case 0x79:
        return encoding === 2 ? WRITES_REG : 0;
      case 0x93:
        return encoding === 1 ? WRITES_REG : 0;
      case 0x7e:
        return prefix === 2 ? 0 : WRITES_RM;
      case 0x11:
      case 0x13:
      case 0x17:
      case 0x29:
      case 0x2b:
      case 0x7f:
      case 0xd6:
      case 0xe7:
        return WRITES_MEMORY;
      case 0x91:
        return encoding === 1 ? WRITES_MEMORY : 0;
      default:
        return 0;
    }
  }
  if (map === 2) return map2Effects(opcode, prefix, encoding);
  if (map === 3) {
    if (opcode >= 0x14 && opcode <= 0x17) return WRITES_RM;
    if (opcode === 0x61 || opcode === 0x63) return WRITES_RCX;
    if (opcode === 0xf0) return encoding === 1 ? WRITES_REG : 0;
    // Extraction of lanes and conversion to half precision: to a vector register or to memory.
    if (opcode === 0x19 || opcode === 0x1b || opcode === 0x1d || opcode === 0x39 || opcode === 0x3b) {
      return WRITES_MEMORY;
    }
  }
  return 0;
}

function map2Effects(opcode: number, prefix: number, encoding: 0 | 1 | 2): number {
  if (encoding === 0) {
    if (opcode === 0xf0) return WRITES_REG;
    if (opcode === 0xf1) return prefix === 3 ? WRITES_REG : WRITES_MEMORY;
    if (opcode === 0xf6) return prefix === 0 ? WRITES_MEMORY : WRITES_REG;
    if (opcode === 0xf5 || opcode === 0xf9) return WRITES_MEMORY;
    return 0;
  }
  if (opcode === 0xf2 || opcode === 0xf7 || opcode === 0xf5) return WRITES_REG;
  if (opcode === 0xf3) return WRITES_VVVV;
  if (opcode === 0xf6) return WRITES_REG | WRITES_VVVV;
  if (opcode >= 0xe0 && opcode <= 0xef) return WRITES_REG | WRITES_MEMORY;
  // Masked and scattering stores, compressions, narrowing moves.
  if (opcode === 0x2e || opcode === 0x2f || opcode === 0x8e || opcode === 0x8a || opcode === 0x8b)
    return WRITES_MEMORY;
  if (opcode === 0x63 || (opcode >= 0xa0 && opcode <= 0xa3)) return WRITES_MEMORY;
  if (encoding === 2 && prefix === 2 && opcode >= 0x10 && opcode <= 0x35) return WRITES_MEMORY;
  return 0;
}
