import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import process from "node:process";
import { programFor } from "./program.ts";
import { EXIT, UsageError } from "../errors.ts";
import { reportFailure } from "./failure.ts";
import { cannotPrint } from "./say.ts";

let readerGone = false;
// Whoever read our output has gone: stop as for one SIGTERM, so that what was started is cleaned up.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") process.exit(reportFailure(cannotPrint(error)));
  if (readerGone) return;
  readerGone = true;
  if (!process.emit("SIGTERM", "SIGTERM")) process.exit(EXIT.ok);
});
// Nobody reads our messages any more; the work goes on.
process.stderr.on("error", () => undefined);

// Outside of any command's reach, such as in a timer; the guard ends what was started.
process.on("uncaughtException", error => process.exit(reportFailure(error)));

/** What Node cannot give us as it is: it would become another file's name. */
function requireText(words: readonly string[]): void {
  if (!words.some(word => word.includes("\uFFFD"))) return;
  const given = readFileSync("/proc/self/cmdline");
  if (isUtf8(given)) return;
  throw new UsageError(
    "an argument is not UTF-8 text; to name a file so, write a script that does and name the script",
  );
}

function requireFolder(): void {
  try {
    process.cwd();
  } catch (cause) {
    throw new UsageError("the folder that this was started in is gone; change to another one", { cause });
  }
}

try {
  requireText(process.argv);
  requireFolder();
  await (await programFor(process.argv.slice(2))).parseAsync(process.argv);
} catch (error) {
  process.exitCode = reportFailure(error);
}
