import { existsSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { stringify } from "yaml";
import { parseReady, READY_FORMS } from "../engine/ready.ts";
import { InputError, InterruptedError, UsageError } from "../errors.ts";
import { writeWhole } from "../files.ts";
import type { InitCliOptions } from "./commands/init.ts";
import { parseProject } from "./project.ts";
import { tell } from "./say.ts";

interface Answers {
  readonly image?: string;
  readonly command: readonly string[];
  readonly ready: string | undefined;
  readonly exercises: readonly string[];
}

/** The whole of `seccraft init`. */
export async function runInit(argv: readonly string[], options: InitCliOptions): Promise<void> {
  const file = options.output;
  if (existsSync(file) && options.force !== true)
    throw new InputError("is there already; --force overwrites it", { file });
  const { image } = options;
  if (argv.length === 0 && image === undefined && !process.stdin.isTTY)
    throw new UsageError("there is nobody to ask: say what to profile, as in `seccraft init -- ./server`");
  const answers =
    argv.length > 0 || image !== undefined
      ? {
          ...(image === undefined ? {} : { image }),
          command: argv,
          ready: options.ready,
          exercises: options.exercise,
        }
      : await ask(options);
  const text = projectText(answers, options);
  // What we write ourselves must be what craft reads; this also finds a wrong --ready.
  parseProject(text, file);
  writeWhole(file, text);
  tell(`wrote ${file}; now: seccraft craft\n`);
}

function setting(comment: string, value: object): string {
  return `# ${comment}\n${stringify(value, { lineWidth: 0 })}`;
}

function projectText(
  { image, command, ready, exercises }: Answers,
  { runs, runtime, out, analyze, minimize }: InitCliOptions,
): string {
  return [
    "# What `seccraft craft` does when it is called without a command; its options have precedence.\n",
    ...(image === undefined ? [] : [setting("the image, by Docker or as a file", { image })]),
    ...(command.length === 0 ? [] : [setting("the program and its arguments", { command })]),
    ready === undefined
      ? "# a server says when it is ready, such as tcp:8080; without it the command is to end by itself\n# ready: tcp:8080\n"
      : setting("when it is ready to be put to work", { ready }),
    exercises.length === 0
      ? "# shell commands that put it to work; what is not exercised is not in the profile\n# exercises:\n#   - curl -sf http://127.0.0.1:8080/\n"
      : setting("what it is put through; what is not exercised is not in the profile", { exercises }),
    setting("recorded runs before the first profile; more say more about how complete it is", { runs }),
    setting("observed, balanced or static: what of the evidence is allowed", { policy: "observed" }),
    setting("whether the code of what was seen at work is analysed", { analyze }),
    setting("whether to find by trying, at last, what of it is really needed", {
      minimize: minimize === true,
    }),
    // An image is crafted for the runtime that starts it, unless told otherwise.
    ...(image !== undefined && runtime === "none"
      ? []
      : [setting("none, runc or crun: adds what the container runtime itself calls", { runtime })]),
    setting("folder for profile.json, evidence.json and summary.txt", { output: out }),
  ].join("\n");
}

/** Words of a command line: blanks part, quotes and backslashes keep together. */
export function splitCommand(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [, single, double, escaped, plain, blank] of text.matchAll(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)|(\s+)/gsu,
  )) {
    if (blank === undefined)
      word = (word ?? "") + (single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain ?? "");
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}

/** Asks on the terminal; lines that were typed ahead are answers, too. */
class Terminal {
  readonly #terminal = createInterface({ input: process.stdin, output: process.stderr });
  readonly #typed: string[] = [];
  #waiting: ((line: string | undefined) => void) | undefined;
  #closed = false;

  constructor() {
    this.#terminal.on("line", line => this.#take(line));
    this.#terminal.on("SIGINT", () => this.close());
    this.#terminal.on("close", () => {
      this.#closed = true;
      this.#take(undefined);
    });
  }

  /** @throws InterruptedError on ^C and at the end of the input */
  async ask(text: string): Promise<string> {
    process.stderr.write(`${text} `);
    const line =
      this.#typed.shift() ??
      (this.#closed
        ? undefined
        : await new Promise<string | undefined>(resolve => (this.#waiting = resolve)));
    if (line === undefined) throw new InterruptedError("the end of the input");
    return line.trim();
  }

  close(): void {
    this.#terminal.close();
  }

  #take(line: string | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting(line);
    else if (line !== undefined) this.#typed.push(line);
  }
}

async function ask(options: InitCliOptions): Promise<Answers> {
  const terminal = new Terminal();
  try {
    let command: string[] = [];
    while (command.length === 0)
      command = splitCommand(await terminal.ask("What is the command to profile?"));
    const ready = options.ready ?? (await askReady(terminal));
    return {
      command,
      ready,
      exercises: ready === undefined ? [] : await askExercises(terminal, options.exercise),
    };
  } finally {
    terminal.close();
  }
}

async function askExercises(terminal: Terminal, given: readonly string[]): Promise<readonly string[]> {
  const exercises = [...given];
  for (;;) {
    const hint =
      exercises.length === 0 ? "A shell command that puts it to work?" : "Another? (empty: no more)";
    const exercise = await terminal.ask(hint);
    if (exercise === "") return exercises;
    exercises.push(exercise);
  }
}

async function askReady(terminal: Terminal): Promise<string | undefined> {
  for (;;) {
    const answer = await terminal.ask(
      "When is it ready? (such as tcp:8080; empty: it ends by itself, ?: all forms)",
    );
    if (answer === "") return undefined;
    if (answer === "?") {
      tell(`${READY_FORMS}\n`);
      continue;
    }
    try {
      parseReady(answer);
      return answer;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      tell(`${error.message}\n`);
    }
  }
}
