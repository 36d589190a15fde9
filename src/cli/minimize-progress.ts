import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { createLogUpdate } from "log-update";
import pc from "picocolors";
import { groupOf } from "../abi/groups.ts";
import type { MinimizeEvent, Picture } from "../minimize/events.ts";
import type { RunRecord } from "../minimize/journal.ts";
import { syscallOf, type Unit } from "../minimize/units.ts";
import { tell } from "./say.ts";

const FRAME_MS = 100;
const STAGES: Readonly<Record<Extract<MinimizeEvent, { kind: "stage" }>["stage"], string>> = {
  untouched: "running it untouched",
  flakiness: "measuring random failures",
  record: "recording",
  runtime: "measuring the runtime",
  search: "searching",
  prove: "proving",
  arguments: "narrowing arguments",
  final: "enforcing",
};

/** Shows on stderr what a search does: a picture on a terminal, one line a run elsewhere. */
export class MinimizeProgress {
  readonly #live = process.stderr.isTTY && process.env["TERM"] !== "dumb";
  readonly #update = createLogUpdate(process.stderr, { showCursor: true });
  #stage = "";
  #picture: Picture | undefined;
  #latest: RunRecord | undefined;
  #allowedBefore: ReadonlySet<Unit> | undefined;
  #runSeconds: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  show(event: MinimizeEvent): void {
    switch (event.kind) {
      case "stage":
        this.#stage = STAGES[event.stage];
        this.#picture = undefined;
        this.#print(`${pc.cyan("●")} ${this.#stage}: ${event.text}`);
        if (this.#live) this.#timer ??= setInterval(() => this.#draw(), FRAME_MS);
        break;
      case "resumed":
        this.#print(
          `going on after ${event.runs} runs${event.lost === 0 ? "" : `; ${event.lost} more that had begun when it was killed will be done again`}`,
        );
        break;
      case "note":
        this.#print(`${pc.yellow("!")} ${event.text}`);
        break;
      case "picture":
        this.#picture = event.picture;
        break;
      case "run":
        this.#latest = event.run;
        this.#runSeconds = [...this.#runSeconds, event.run.behaviour.seconds].slice(-20);
        if (!this.#live) tell(`${this.#runLine(event.run, this.#progress())}\n`);
        break;
    }
  }

  /** Removes what moves; to be called whatever happens. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#live) this.#update.clear();
  }

  #print(text: string): void {
    if (this.#live) this.#update.clear();
    tell(`${text}\n`);
  }

  /** What a run was and how it ended. @param progress how far the search is by now */
  #runLine(run: RunRecord, progress: string): string {
    const { allowed } = run.trial;
    const verdict = run.works ? pc.green("works") : pc.red(run.reason ?? "fails");
    const what = allowed === undefined ? "untouched" : `${allowed.length} allowed`;
    return `run ${run.number}: ${what}${this.#newlyDenied(run)}: ${verdict}${pc.dim(` (${run.behaviour.seconds.toFixed(2)} s${progress})`)}`;
  }

  #progress(): string {
    const picture = this.#picture;
    if (picture === undefined) return "";
    return `, ${picture.undecided.length} undecided, about ${picture.expectedRuns} runs to go`;
  }

  /** What was denied for the first time, when it is few. */
  #newlyDenied(run: RunRecord): string {
    const before = this.#allowedBefore;
    const now = new Set(run.trial.allowed);
    if (run.trial.allowed === undefined) return "";
    if (run.works) this.#allowedBefore = now;
    if (before === undefined) return "";
    const without = [...before].filter(unit => !now.has(unit));
    return without.length === 0 ? "" : `, without ${without.length > 6 ? without.length : without.join(" ")}`;
  }

  #draw(): void {
    const columns = Math.max(20, (process.stderr.columns ?? 80) - 1);
    const latest = this.#latest === undefined ? [] : [`  ${this.#runLine(this.#latest, "")}`];
    // What does not fit on the screen could not be removed again.
    const room = Math.max(0, (process.stderr.rows ?? 24) - 2 - latest.length);
    const picture = this.#picture === undefined ? [] : pictureLines(this.#picture).slice(0, room);
    const lines = [this.#headline(), ...picture, ...latest];
    this.#update(lines.map(line => clip(line, columns)).join("\n"));
  }

  #headline(): string {
    const picture = this.#picture;
    if (picture === undefined) return `${pc.cyan("●")} ${this.#stage}`;
    const mean =
      this.#runSeconds.reduce((sum, value) => sum + value, 0) / Math.max(1, this.#runSeconds.length);
    const left = Math.ceil(mean * picture.expectedRuns);
    return `${pc.cyan("●")} ${this.#stage}: ${picture.runs} runs done, about ${picture.expectedRuns} to go (${left} s), ${picture.undecided.length} undecided, ${picture.required.length} required`;
  }
}

/** One line a group of calls: ■ required, · gone, ▒ denied right now, □ undecided. */
function pictureLines(picture: Picture): string[] {
  const groups = new Map<string, { text: string; open: boolean }>();
  const add = (units: readonly Unit[], mark: string, open: boolean): void => {
    for (const unit of units) {
      const name = groupOf(syscallOf(unit)) ?? "other";
      const group = groups.get(name) ?? { text: "", open: false };
      groups.set(name, { text: group.text + mark, open: group.open || open });
    }
  };
  const testing = new Set(picture.testing);
  add(picture.required, "■", true);
  add(picture.testing, "▒", true);
  add(
    picture.undecided.filter(unit => !testing.has(unit)),
    "□",
    true,
  );
  add(picture.removed, "·", false);
  return [...groups]
    .filter(([, group]) => group.open)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { text }]) => `  ${name.padEnd(12)} ${text}`);
}

/** Cuts what is seen of a line, not its colours. */
function clip(line: string, columns: number): string {
  if (stripVTControlCharacters(line).length <= columns) return line;
  // A line that is too long loses its colours with its end.
  return `${stripVTControlCharacters(line).slice(0, columns - 1)}…`;
}
