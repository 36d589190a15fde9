import process from "node:process";
import { createLogUpdate } from "log-update";
import { err as pc } from "./colors.ts";
import { describeArgument } from "../abi/arguments.ts";
import type { CraftEvent } from "../craft/events.ts";
import type { Denial } from "../record/notify/protocol.ts";

const FRAME_MS = 100;
const STEP_TEXT = {
  record: "recording",
  analyze: "analysing the code",
  runtime: "measuring the container runtime",
  verify: "verifying under the profile",
  enforce: "enforcing the real filter",
} as const;

/** `openat(AT_FDCWD, 0x7f…, O_RDONLY)`, by the arguments' names where seccraft has them. */
export function describeCall(denial: Denial, count: number): string {
  const args = denial.args
    .slice(0, count)
    .map((value, index) => describeArgument(denial.abi, denial.syscall, index, value));
  return `${denial.syscall}(${args.join(", ")})`;
}

/** Shows on stderr what `craft` does: a few lines that change on a terminal, one line a step elsewhere. */
export class Progress {
  readonly #live = process.stderr.isTTY && process.env["TERM"] !== "dumb";
  readonly #update = createLogUpdate(process.stderr, { showCursor: true });
  readonly #calls = new Set<string>();
  #title = "";
  #detail = "";
  #latest: string[] = [];
  #denied: string[] = [];
  #started = performance.now();
  #timer: NodeJS.Timeout | undefined;

  show(event: CraftEvent): void {
    switch (event.kind) {
      case "step":
        this.#begin(event);
        break;
      case "phase":
        this.#detail = event.phase;
        break;
      case "exercise":
        this.#detail = `exercise ${event.index + 1}: ${event.command}`;
        break;
      case "new":
        this.#calls.add(`${event.call.abi} ${event.call.syscall}`);
        this.#latest = [...this.#latest, event.call.syscall].slice(-8);
        break;
      case "denial":
        if (!this.#denied.includes(event.denial.syscall)) this.#denied.push(event.denial.syscall);
        break;
      case "done":
        this.#end(event.text, event.seconds);
        break;
    }
  }

  /** Removes what moves; to be called whatever happens. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#live) this.#update.clear();
  }

  #begin({ step, round, of }: Extract<CraftEvent, { kind: "step" }>): void {
    const which = of === undefined ? `, round ${round}` : of > 1 ? `, run ${round} of ${of}` : "";
    this.#title = `${STEP_TEXT[step]}${which}`;
    this.#detail = "";
    this.#latest = [];
    this.#denied = [];
    this.#started = performance.now();
    if (this.#live) this.#timer ??= setInterval(() => this.#draw(), FRAME_MS);
    else process.stderr.write(`${this.#title} …\n`);
  }

  #end(text: string, seconds: number): void {
    this.stop();
    const denied = this.#denied.length === 0 ? "" : `: ${this.#denied.join(" ")}`;
    process.stderr.write(
      `${pc.green("✔")} ${this.#title}: ${text}${denied} ${pc.dim(`(${seconds.toFixed(1)} s)`)}\n`,
    );
  }

  #draw(): void {
    const columns = Math.max(20, (process.stderr.columns ?? 80) - 1);
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(1);
    const lines = [`${pc.cyan("●")} ${this.#title} ${seconds} s`];
    if (this.#detail !== "") lines.push(shorten(`  ${this.#detail}`, columns));
    if (this.#latest.length > 0)
      lines.push(lastThatFit(`  ${this.#calls.size} syscalls, latest: `, this.#latest, columns));
    if (this.#denied.length > 0) lines.push(lastThatFit("  denied: ", this.#denied, columns));
    this.#update(lines.join("\n"));
  }
}

/** One line, whatever a user has written into an exercise. */
function shorten(line: string, columns: number): string {
  const flat = line.replaceAll(/[\p{Cc}\s]+(?=\S)/gu, " ").replace(/^ /, "  ");
  return flat.length <= columns ? flat : `${flat.slice(0, columns - 1)}…`;
}

/** Whole names, the latest of them. */
function lastThatFit(start: string, names: readonly string[], columns: number): string {
  let shown = names;
  while (shown.length > 1 && start.length + shown.join(" ").length > columns) shown = shown.slice(1);
  return shorten(start + shown.join(" "), columns);
}
