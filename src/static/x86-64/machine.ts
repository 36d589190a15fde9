import type { Machine } from "../ir.ts";
import { mayCall, mayMention } from "./mention.ts";
import { X8664Lifter } from "./lifter.ts";

const RAX = 0;
const RCX = 1;
const RDX = 2;
const RBX = 3;
const RSP = 4;
const RBP = 5;
const RSI = 6;
const RDI = 7;

const bits = (...registers: number[]): number => registers.reduce((mask, r) => mask | (1 << r), 0);

/** x86-64 as Linux uses it. Source: System V psABI 3.2, appendix A.2. Registers are numbered as in their encoding. */
export const x8664: Machine = {
  name: "x86_64",
  registers: 16,
  stackPointer: RSP,
  callPushes: 8,
  numberRegister: RAX,
  syscallArguments: [RDI, RSI, RDX, 10, 8, 9],
  syscallClobbers: bits(RAX, RCX, 11),
  callArguments: [RDI, RSI, RDX, RCX, 8, 9],
  result: RAX,
  alignment: 1,
  conventions: {
    c: { preserved: bits(RBX, RBP, 12, 13, 14, 15, RSP) },
    go: { preserved: bits(RSP) },
  },
  mayMention,
  mayCall,
  lifter: input => new X8664Lifter(input),
};
