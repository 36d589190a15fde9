import { InterruptedError } from "../errors.ts";

/** How long to wait, and what cuts it short. */
export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * The outcome of `work`, unless the time is up or the signal aborts before.
 * @param work gets a signal that is aborted as soon as nobody waits any more.
 * @throws the error of `timedOut`, InterruptedError when aborted, whatever `work` throws.
 */
export async function within<T>(
  options: WaitOptions,
  timedOut: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const cut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut()), options.timeoutMs);
    const abort = (): void => reject(new InterruptedError("the caller"));
    options.signal?.addEventListener("abort", abort, { signal: stop.signal });
    if (options.signal?.aborted === true) abort();
  });
  try {
    return await Promise.race([work(stop.signal), cut]);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
