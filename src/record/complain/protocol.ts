/** What the recorder and the thread that reads the log for it say to each other. */

/**
 * Where records are read: a copy of what audit sends to everybody who wants it, which no limit of the kernel's log
 * touches, or the kernel's ring buffer, which gets them while no auditd runs.
 */
export type LogChannel = "audit" | "kernel-log";

/** Numbers in memory that both share. */
export const CONTROL = {
  /** 1: stop. */
  stop: 0,
  /** Bytes that were handed over and not yet taken. */
  waiting: 1,
  words: 2,
} as const;

export interface ReaderOptions {
  readonly channel: LogChannel;
  readonly control: Int32Array<SharedArrayBuffer>;
}

export type ReaderMessage =
  /** Everything that is logged from now on will be read. */
  | { readonly kind: "ready" }
  /** Whole lines. */
  | { readonly kind: "lines"; readonly bytes: Uint8Array }
  /** It cannot be read here. */
  | { readonly kind: "failed"; readonly reason: string; readonly remedy: string }
  | { readonly kind: "end" };
