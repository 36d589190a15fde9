import { spawn } from "node:child_process";
import process from "node:process";
import type { Readable } from "node:stream";
import { writeSync } from "node:fs";
import { MachineError } from "../errors.ts";

/** Descriptor on which a process in the background answers whoever started it. */
const ANSWER_FD = 3;
const READY = "ready\n";
const LONGEST_ANSWER = 1 << 16;

/**
 * Starts this program once more, in a session of its own and without our terminal, and waits until it says that it is
 * at work. It then goes on when we have ended.
 * @param args of this program, after the name of its file
 * @returns its process id
 * @throws MachineError with its own words when it ends first or takes too long; it is ended then.
 */
export async function startInBackground(args: readonly string[], patienceMs: number): Promise<number> {
  const [script = ""] = process.argv.slice(1);
  const child = spawn(process.execPath, [script, ...args], {
    detached: true,
    cwd: "/",
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const answer = child.stdio[ANSWER_FD] as Readable;
  let text = "";
  const outcome = await new Promise<"ready" | "ended" | "late">(resolve => {
    const timer = setTimeout(() => resolve("late"), patienceMs);
    answer.setEncoding("utf8").on("data", (more: string) => {
      text = (text + more).slice(-LONGEST_ANSWER);
      if (text.endsWith(READY)) resolve("ready");
    });
    answer.once("close", () => resolve("ended"));
    child.once("error", error => {
      text = error.message;
      resolve("ended");
    });
    answer.once("close", () => clearTimeout(timer));
    child.once("error", () => clearTimeout(timer));
  });
  if (outcome === "ready" && child.pid !== undefined) {
    answer.destroy();
    child.unref();
    return child.pid;
  }
  child.kill("SIGKILL");
  answer.destroy();
  throw new MachineError(
    outcome === "late" ? `nothing was ready after ${patienceMs / 1000} s` : text.trim() || "it ended at once",
    "`seccraft doctor` tells what is missing.",
  );
}

/** In the process in the background: says that it is at work. Whoever started it may then end. */
export function tellReady(): void {
  writeSync(ANSWER_FD, READY);
}

/** In the process in the background: says why it cannot work. */
export function tellFailure(reason: string): void {
  try {
    writeSync(ANSWER_FD, `${reason}\n`);
  } catch {
    // Whoever started it has ended.
  }
}
