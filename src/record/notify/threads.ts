import { Worker } from "node:worker_threads";
import type { SupervisorMessage, SupervisorOptions } from "./protocol.ts";

/** Starting a thread takes longer than many a target runs: so many are kept for the next one. */
const KEPT = 4;
const idle: Worker[] = [];

/** A thread that answers. */
export interface Supervised {
  /** Resolves when calls are answered, or never will be. */
  readonly ready: Promise<void>;
  /** Resolves after the last message; rejects when the thread failed. */
  readonly ended: Promise<void>;
}

/** Answers for a listener in a thread, until the target is gone or the thread is told to stop. */
export function supervise(
  options: SupervisorOptions,
  onMessage: (message: SupervisorMessage) => void,
): Supervised {
  let ended: Promise<void> = Promise.resolve();
  const ready = new Promise<void>(resolve => {
    ended = work(options, message => {
      if (message.kind === "ready") resolve();
      else onMessage(message);
    }).finally(resolve);
  });
  return { ready, ended };
}

async function work(
  options: SupervisorOptions,
  onMessage: (message: SupervisorMessage) => void,
): Promise<void> {
  const worker = idle.pop() ?? newThread();
  // Nobody waits for an idle thread, but for this one.
  worker.ref();
  const done = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      const hear = (message: SupervisorMessage): void => {
        onMessage(message);
        if (message.kind === "end") resolve();
      };
      const died = (code: number): void =>
        reject(new Error(`the supervising thread ended with code ${code}`));
      worker.on("message", hear).once("error", reject).once("exit", died);
      done.signal.addEventListener("abort", () =>
        worker.off("message", hear).off("error", reject).off("exit", died),
      );
      worker.postMessage(options);
    });
  } catch (error) {
    await worker.terminate();
    throw error;
  } finally {
    done.abort();
  }
  if (idle.length < KEPT) {
    worker.unref();
    idle.push(worker);
  } else {
    await worker.terminate();
  }
}

function newThread(): Worker {
  // A thread of ours must not load what a user preloads for the main program.
  return new Worker(new URL("./notify-worker.js", import.meta.url), { execArgv: [] });
}
