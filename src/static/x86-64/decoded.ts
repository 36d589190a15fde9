/** The fields of an instruction that its meaning is read from. One per lifter, filled anew for each instruction. */
export class Decoded {
  opcode = 0;
  /** 0 one-byte, 1 = 0F, 2 = 0F38, 3 = 0F3A, others as VEX and EVEX number them. */
  map = 0;
  /** 0 legacy, 1 VEX or XOP, 2 EVEX. */
  encoding: 0 | 1 | 2 = 0;
  /** Mandatory prefix: 0 none, 1 = 66, 2 = F3, 3 = F2. */
  prefix = 0;
  hasRex = false;
  wide = false;
  /** 2, 4 or 8: operand size by prefixes. */
  size = 4;
  /** Register operand, 0 to 15, and the three bits as they stand. */
  reg = 0;
  regBits = 0;
  /** Register in the rm operand, or -1 for memory. */
  rm = -1;
  rmBits = 0;
  vvvv = 0;
  /** Memory operand without meaning for us: FS or GS relative, or with 32-bit addressing. */
  opaque = false;
  /** Immediate, sign-extended; NaN beyond 2^53. */
  imm = 0;
  /** Low bits of the opcode with REX.B. */
  low = 0;
}
