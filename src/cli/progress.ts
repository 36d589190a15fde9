import process from "node:process";
import { createLogUpdate } from "log-update";
import { err as pc } from "./colors.ts";
import { describeArgument } from "../abi/arguments.ts";
import type { CraftEvent } from "../craft/events.ts";
import { columnsOf } from "../wrap.ts";
import type { Denial } from "../record/notify/protocol.ts";
import { plural } from "../plural.ts";
import { tell } from "./say.ts";

const FRAME_MS = 100;
/** A rate is over this long; recorders count four times a second or more often. */
const RATE_MS = 2000;
const MOST_OF_A_LINE = 8192;
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
  /** Whether stderr is a terminal on which lines can change. */
  readonly live: boolean = process.stderr.isTTY && process.env["TERM"] !== "dumb";
  readonly #update = createLogUpdate(process.stderr, { showCursor: true });
  readonly #calls = new Set<string>();
  readonly #rate = new Rate();
  #title = "";
  #phase = "";
  #exercise = "";
  #latest: string[] = [];
  #denied: string[] = [];
  #denials = 0;
  #started = performance.now();
  /** What the target has printed of a line that has not ended. */
  #unfinished = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;

  show(event: CraftEvent): void {
    switch (event.kind) {
      case "step":
        this.#begin(event);
        break;
      case "phase":
        this.#phase = event.phase;
        this.#exercise = "";
        break;
      case "exercise":
        this.#exercise = `, exercise ${event.index + 1}: ${event.command}`;
        break;
      case "new":
        this.#calls.add(`${event.call.abi} ${event.call.syscall}`);
        this.#latest = [...this.#latest, event.call.syscall].slice(-8);
        break;
      case "calls":
        this.#rate.calls = event.calls;
        break;
      case "denial":
        this.#denials++;
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
    if (this.live) this.#update.clear();
    process.stderr.write(this.#unfinished);
    this.#unfinished = Buffer.alloc(0);
  }

  /** Lets whole lines of the target's output pass above what moves. */
  pass(output: Uint8Array): void {
    const text = Buffer.concat([this.#unfinished, output]);
    const whole = !this.live || text.length > MOST_OF_A_LINE ? text.length : text.lastIndexOf(10) + 1;
    this.#unfinished = text.subarray(whole);
    if (whole === 0) return;
    if (this.#timer !== undefined) this.#update.clear();
    process.stderr.write(text.subarray(0, whole));
    if (this.#timer !== undefined) this.#draw();
  }

  #begin({ step, round, of }: Extract<CraftEvent, { kind: "step" }>): void {
    const which = of === undefined ? `, round ${round}` : of > 1 ? `, run ${round} of ${of}` : "";
    this.#title = `${STEP_TEXT[step]}${which}`;
    this.#phase = "";
    this.#exercise = "";
    this.#latest = [];
    this.#denied = [];
    this.#denials = 0;
    this.#rate.begin();
    this.#started = performance.now();
    if (this.live) this.#timer ??= setInterval(() => this.#draw(), FRAME_MS);
    else process.stderr.write(`${this.#title} …\n`);
  }

  #end(text: string, seconds: number): void {
    this.stop();
    const denied = this.#denied.length === 0 ? "" : `: ${this.#denied.join(" ")}`;
    tell(`${pc.green("✔")} ${this.#title}: ${text}${denied} ${pc.dim(`(${seconds.toFixed(1)} s)`)}\n`);
  }

  #draw(): void {
    const columns = Math.max(20, (process.stderr.columns ?? 80) - 1);
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(1);
    const lines = [`${pc.cyan("●")} ${shorten(`${this.#title} ${seconds} s`, columns - 2)}`];
    const add = (text: string): number => lines.push(`  ${shorten(text, columns - 2)}`);
    if (this.#phase !== "") add(`${this.#phase}${this.#exercise}`);
    const rate = this.#rate.measure(performance.now());
    const known = plural(this.#calls.size, "syscall");
    if (rate !== undefined) add(`${known}, ${grouped(this.#rate.calls)} calls, ${grouped(rate)} a second`);
    else if (this.#latest.length > 0) add(known);
    if (this.#latest.length > 0) add(lastThatFit("latest: ", this.#latest, columns - 2));
    if (this.#denied.length > 0)
      add(lastThatFit(`${grouped(this.#denials)} denied: `, this.#denied, columns - 2));
    this.#update(lines.join("\n"));
  }
}

/** How many calls a second, from totals that come now and then. */
class Rate {
  calls = 0;
  #samples: { readonly at: number; readonly calls: number }[] = [];

  begin(): void {
    this.calls = 0;
    this.#samples = [];
  }

  /** Calls a second over the last RATE_MS; undefined as long as none was counted. */
  measure(now: number): number | undefined {
    this.#samples.push({ at: now, calls: this.calls });
    while ((this.#samples[1]?.at ?? now) < now - RATE_MS) this.#samples.shift();
    const [first] = this.#samples;
    if (this.calls === 0 || first === undefined) return undefined;
    return now === first.at ? 0 : ((this.calls - first.calls) * 1000) / (now - first.at);
  }
}

function grouped(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** One line, whatever a user has written into an exercise. */
function shorten(text: string, columns: number): string {
  const flat = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  if (columnsOf(flat) <= columns) return flat;
  let kept = "";
  let left = columns - 1;
  for (const character of flat) {
    left -= columnsOf(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Whole names, the latest of them. */
function lastThatFit(start: string, names: readonly string[], columns: number): string {
  let shown = names;
  while (shown.length > 1 && start.length + shown.join(" ").length > columns) shown = shown.slice(1);
  return start + shown.join(" ");
}
