import type { AbiName } from "../../abi/abi.ts";
import type { Observation } from "../../evidence/model.ts";

/** What the supervising thread does with a call that reaches it. */
export type Answer =
  /** Let it pass; every call is recorded. */
  | { readonly kind: "observe" }
  /** Only denied calls reach it: answer as the profile would, or let them pass to learn. */
  | { readonly kind: "deny"; readonly program: Uint8Array; readonly learn: boolean };

/** What the supervising thread is told to do. */
export interface SupervisorOptions {
  readonly listener: number;
  /** Shared words: see CONTROL. */
  readonly control: Int32Array;
  readonly answer: Answer;
  /** `hrtime` of the recording's start, nanoseconds. */
  readonly startedNs: bigint;
}

/** Indexes of the shared words. */
export const CONTROL = { stop: 0, phase: 1, words: 2 } as const;

/** A call that the profile denies. */
export interface Denial {
  readonly abi: AbiName;
  readonly number: number;
  readonly syscall: string;
  readonly args: readonly bigint[];
  readonly thread: number;
  readonly process: number | undefined;
  readonly command: string | undefined;
  readonly executable: string | undefined;
  readonly phase: NonNullable<Observation["phase"]>;
  /** Seconds after the start. */
  readonly at: number;
  /** What the profile does about it. */
  readonly action: string;
  /** True when it was let pass in order to learn. */
  readonly passed: boolean;
}

/** What the thread knows of one call, as it travels to the main thread. */
export type SeenCall = Omit<Observation, "run">;

export type SupervisorMessage =
  /** From now on calls are answered. */
  | { readonly kind: "ready" }
  | { readonly kind: "seen"; readonly calls: readonly SeenCall[]; readonly notes: readonly Note[] }
  | { readonly kind: "denial"; readonly denial: Denial }
  | { readonly kind: "end"; readonly reason: "hangup" | "stopped" };

/** Something worth a gap. */
export interface Note {
  readonly kind: "set-uid" | "nested-listener";
  readonly reason: string;
}
