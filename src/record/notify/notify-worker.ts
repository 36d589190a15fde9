import { parentPort } from "node:worker_threads";
import type { SupervisorOptions } from "./protocol.ts";
import { Supervisor } from "./supervisor.ts";

// Waiting for a call blocks its thread, so it is not the thread that the user's terminal hangs on.
parentPort?.on("message", (options: SupervisorOptions) => {
  new Supervisor(options, message => parentPort?.postMessage(message)).run();
});
