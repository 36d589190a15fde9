import { BPF, encodeProgram } from "../../bpf/program.ts";
import { systemCallNumber } from "../../linux/numbers.ts";
import { ALLOW, encodeAction, LOG } from "../../profile/action.ts";

/** Logs one kind of call and nothing else. */
export function logOnly(name: string): Uint8Array {
  return encodeProgram([
    { code: BPF.LD_ABS, jt: 0, jf: 0, k: 0 },
    { code: BPF.JEQ_K, jt: 0, jf: 1, k: systemCallNumber(name) },
    { code: BPF.RET_K, jt: 0, jf: 0, k: encodeAction(LOG) },
    { code: BPF.RET_K, jt: 0, jf: 0, k: encodeAction(ALLOW) },
  ]);
}
