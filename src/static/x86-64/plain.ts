import { ONE_BYTE, Shape, TWO_BYTE } from "./opcodes.ts";

/** The lifter has to look: a jump, a do-nothing, a rare form. */
const LOOK = 255;

/** One-byte opcodes that neither transfer control nor do nothing, by their shapes. */
const PLAIN_ONE: Uint8Array = ONE_BYTE.map((shape, opcode) => {
  const isPrefix =
    (opcode & 0xe7) === 0x26 ||
    (opcode & 0xf0) === 0x40 ||
    (opcode >= 0x64 && opcode <= 0x67) ||
    opcode === 0xf0;
  const isControl =
    opcode === 0x0f ||
    (opcode >= 0x70 && opcode < 0x80) ||
    opcode === 0x8f ||
    opcode === 0x90 ||
    opcode === 0xc4 ||
    opcode === 0xc5 ||
    (opcode >= 0xc8 && opcode <= 0xcf) ||
    opcode === 0xc2 ||
    opcode === 0xc3 ||
    opcode === 0xd7 ||
    (opcode >= 0xe0 && opcode !== 0xf6 && opcode !== 0xf7);
  const isRare = (shape & (Shape.invalid | Shape.moffs | Shape.imm16)) !== 0;
  return isPrefix || isControl || isRare ? LOOK : shape;
});

/** The same of the two-byte map: moves, conversions, comparisons, conditional moves. */
const PLAIN_TWO: Uint8Array = TWO_BYTE.map((shape, opcode) => {
  const isPlain =
    (opcode >= 0x10 && opcode <= 0x17) ||
    (opcode >= 0x28 && opcode <= 0x2f) ||
    (opcode >= 0x40 && opcode < 0x77) ||
    (opcode >= 0x7e && opcode < 0x80) ||
    (opcode >= 0x90 && opcode < 0xa0) ||
    (opcode >= 0xa3 && opcode <= 0xa5) ||
    (opcode >= 0xab && opcode <= 0xad) ||
    opcode === 0xaf ||
    (opcode >= 0xb0 && opcode <= 0xb7 && opcode !== 0xb2) ||
    (opcode >= 0xba && opcode <= 0xc1) ||
    (opcode >= 0xc8 && opcode < 0xff);
  return isPlain && (shape & Shape.invalid) === 0 && opcode !== 0xb8 && opcode !== 0xb9 ? shape : LOOK;
});

/** Shape of an instruction with a VEX or EVEX prefix by its map: 1 is 0F, 2 is 0F38, 3 is 0F3A. */
function vectorShape(map: number, opcode: number): number {
  if (map === 2) return Shape.modrm;
  if (map === 3) return Shape.modrm | Shape.imm8;
  // VZEROUPPER has no operands.
  return map === 1 && opcode !== 0x77 ? Shape.modrm | ((TWO_BYTE[opcode] ?? 0) & Shape.imm8) : LOOK;
}

/**
 * The length of an instruction of position-independent code that runs into the next one, does something, and mentions no
 * address; 0 for any other, and for those that this does not tell apart. Most instructions are such ones, and whoever only
 * looks for calls and addresses need not know more of them.
 */
export function plainLength(bytes: Uint8Array, offset: number, limit: number): number {
  let at = offset;
  let byte = bytes[at++] ?? 0;
  let immediate = 4;
  if (byte === 0x66) {
    immediate = 2;
    byte = bytes[at++] ?? 0;
  } else if (byte === 0xf3 || byte === 0xf2) {
    byte = bytes[at++] ?? 0;
    // PAUSE, repeated string instructions: seldom.
    if (byte !== 0x0f && (byte & 0xf0) !== 0x40) return 0;
  }
  let isWide = false;
  if ((byte & 0xf0) === 0x40) {
    isWide = (byte & 8) !== 0;
    if (isWide) immediate = 4;
    byte = bytes[at++] ?? 0;
  }
  let shape: number;
  let isGroup3 = false;
  if (byte === 0x0f) {
    shape = PLAIN_TWO[bytes[at++] ?? 0] ?? LOOK;
  } else if (byte === 0xc5) {
    shape = vectorShape(1, bytes[at + 1] ?? 0);
    at += 2;
  } else if (byte === 0xc4) {
    shape = vectorShape((bytes[at] ?? 0) & 31, bytes[at + 2] ?? 0);
    at += 3;
  } else if (byte === 0x62) {
    shape = vectorShape((bytes[at] ?? 0) & 7, bytes[at + 3] ?? 0);
    at += 4;
  } else {
    shape = PLAIN_ONE[byte] ?? LOOK;
    isGroup3 = byte === 0xf6 || byte === 0xf7;
  }
  if (shape === LOOK) return 0;
  if ((shape & Shape.modrm) !== 0) {
    const modrm = bytes[at++] ?? 0;
    if (isGroup3 && (modrm & 0x30) === 0) shape |= byte === 0xf6 ? Shape.imm8 : Shape.immZ;
    if (modrm < 0xc0) {
      const rm = modrm & 7;
      if (rm === 4) {
        const sib = bytes[at++] ?? 0;
        if (modrm < 0x40 && (sib & 7) === 5) at += 4;
      } else if (rm === 5 && modrm < 0x40) return 0;
      if (modrm >= 0x80) at += 4;
      else if (modrm >= 0x40) at += 1;
    }
  }
  if ((shape & Shape.imm8) !== 0) at += 1;
  if ((shape & Shape.immZ) !== 0) at += immediate;
  else if ((shape & Shape.immV) !== 0) at += isWide ? 8 : immediate;
  return at <= limit && at - offset <= 15 ? at - offset : 0;
}
