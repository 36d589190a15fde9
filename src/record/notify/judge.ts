import { interpret, type SeccompData } from "../../bpf/interpret.ts";
import type { Program } from "../../bpf/program.ts";
import { decodeAction } from "../../profile/action.ts";
import { errnoName } from "../../linux/libc.ts";

/** What a profile does with a call that reached its supervisor. */
export interface Judgement {
  readonly kind: "errno" | "kill";
  /** For `errno`; 0 pretends success. */
  readonly errno: number;
  /** `EPERM`, `KILL_PROCESS`. */
  readonly text: string;
}

const ENOSYS = 38;

/** Asks the profile's own filter. */
export function judge(program: Program, call: SeccompData): Judgement {
  const action = decodeAction(interpret(program, call).value);
  switch (action.kind) {
    case "errno":
      return {
        kind: "errno",
        errno: action.errno,
        text: action.errno === 0 ? "success without doing it" : errnoName(action.errno),
      };
    case "kill-process":
    case "kill-thread":
    case "trap":
      return { kind: "kill", errno: 0, text: action.kind.toUpperCase().replace("-", "_") };
    // Without a tracer, and without a listener, the kernel answers ENOSYS.
    case "trace":
    case "notify":
      return {
        kind: "errno",
        errno: ENOSYS,
        text: `ENOSYS (${action.kind.toUpperCase()} with nobody there)`,
      };
    case "allow":
    case "log":
      throw new Error("a call that the profile allows was reported as denied");
  }
}
