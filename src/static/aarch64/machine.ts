import type { Machine } from "../ir.ts";
import { mayCall, mayMention } from "./mention.ts";
import { Aarch64Lifter } from "./lift.ts";

/** x19 to x28, the frame pointer, and SP. Source: AAPCS64, 6.1.1. x18 is the platform's and not touched on Linux. */
const C_PRESERVED = 0xbff8_0000;

/** AArch64 as Linux uses it. Register 31 is SP; the zero register is never named. */
export const aarch64: Machine = {
  name: "aarch64",
  registers: 32,
  stackPointer: 31,
  callPushes: 0,
  numberRegister: 8,
  syscallArguments: [0, 1, 2, 3, 4, 5],
  syscallClobbers: 1,
  callArguments: [0, 1, 2, 3, 4, 5, 6, 7],
  result: 0,
  alignment: 4,
  conventions: {
    c: { preserved: C_PRESERVED | 0 },
    // ABIInternal saves no register but SP and g (x28).
    go: { preserved: (1 << 31) | (1 << 28) },
  },
  mayMention,
  mayCall,
  lifter: file => new Aarch64Lifter(file),
};
