import { parentPort } from "node:worker_threads";
import type { ReaderOptions } from "./protocol.ts";
import { readLog } from "./reader.ts";

// The kernel's ring buffer holds a few milliseconds of a burst: nothing else may keep its reader waiting.
parentPort?.on("message", (options: ReaderOptions) => {
  readLog(options, message => parentPort?.postMessage(message));
});
