/**
 * What the kernel does with a call. `trace` carries the message for the tracer, `errno` the positive error number
 * that the program sees; neither exceeds 16 bits (include/uapi/linux/seccomp.h).
 */
export type Action =
  | { readonly kind: "kill-process" }
  | { readonly kind: "kill-thread" }
  | { readonly kind: "trap" }
  | { readonly kind: "errno"; readonly errno: number }
  | { readonly kind: "notify" }
  | { readonly kind: "trace"; readonly data: number }
  | { readonly kind: "log" }
  | { readonly kind: "allow" };

export const ALLOW: Action = { kind: "allow" };
export const NOTIFY: Action = { kind: "notify" };
export const LOG: Action = { kind: "log" };
export const KILL_THREAD: Action = { kind: "kill-thread" };
export const KILL_PROCESS: Action = { kind: "kill-process" };

const CODES: Readonly<Record<Action["kind"], number>> = {
  "kill-process": 0x8000_0000,
  "kill-thread": 0,
  trap: 0x0003_0000,
  errno: 0x0005_0000,
  notify: 0x7fc0_0000,
  trace: 0x7ff0_0000,
  log: 0x7ffc_0000,
  allow: 0x7fff_0000,
};
const KINDS = new Map(Object.entries(CODES).map(([kind, code]) => [code, kind as Action["kind"]]));

/** The filter's return value that asks the kernel for an action, unsigned. */
export function encodeAction(action: Action): number {
  const code = CODES[action.kind];
  if (action.kind === "errno") return code + (action.errno & 0xffff);
  if (action.kind === "trace") return code + (action.data & 0xffff);
  return code;
}

/** What the kernel makes of a filter's return value; values that it does not know kill the process. */
export function decodeAction(value: number): Action {
  const data = value & 0xffff;
  const kind = KINDS.get((value & 0xffff_0000) >>> 0) ?? "kill-process";
  if (kind === "errno") return { kind, errno: data };
  if (kind === "trace") return { kind, data };
  return { kind };
}

/** The kernel's order where several filters disagree: lower wins. */
const RESTRICTION: readonly Action["kind"][] = [
  "kill-process",
  "kill-thread",
  "trap",
  "errno",
  "notify",
  "trace",
  "log",
  "allow",
];

/** Negative when `a` is more restrictive than `b`; equal kinds compare by their number, smaller first. */
export function compareActions(a: Action, b: Action): number {
  const order = RESTRICTION.indexOf(a.kind) - RESTRICTION.indexOf(b.kind);
  return order !== 0 ? order : encodeAction(a) - encodeAction(b);
}

/** True when the call is carried out by this action alone, without anybody's consent. */
export function letsThrough(action: Action): boolean {
  return action.kind === "allow" || action.kind === "log";
}
