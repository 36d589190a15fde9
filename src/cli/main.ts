import process from "node:process";
import { programFor } from "./program.ts";
import { EXIT } from "../errors.ts";
import { reportFailure } from "./failure.ts";

let readerGone = false;
// Whoever read our output has gone: stop as for one SIGTERM, so that what was started is cleaned up.
process.stdout.on("error", () => {
  if (readerGone) return;
  readerGone = true;
  if (!process.emit("SIGTERM", "SIGTERM")) process.exit(EXIT.ok);
});

// Outside of any command's reach, such as in a timer; the guard ends what was started.
process.on("uncaughtException", error => process.exit(reportFailure(error)));

try {
  await (await programFor(process.argv.slice(2))).parseAsync(process.argv);
} catch (error) {
  process.exitCode = reportFailure(error);
}
