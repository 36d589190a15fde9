import { constants } from "node:os";
import process from "node:process";
import { err as pc } from "./colors.ts";
import { syscallByNumber } from "../abi/syscalls.ts";
import { filtersOf } from "../craft/filters.ts";
import { needsNoNewPrivileges } from "../craft/verify.ts";
import type { Exit, Running } from "../engine/engine.ts";
import { nativeEngine } from "../engine/native/native.ts";
import { UsageError } from "../errors.ts";
import { requireWritable, writeWhole } from "../files.ts";
import type { ProfileDocument } from "../profile/document.ts";
import { allowCalls } from "../profile/extend.ts";
import { readProfileFile } from "../profile/parse.ts";
import { printProfile } from "../profile/print.ts";
import { thisHost } from "../record/host.ts";
import { watchDenials, type DenialWatch } from "../record/notify/recorder.ts";
import type { Denial } from "../record/notify/protocol.ts";
import type { RunCliOptions } from "./commands/run.ts";
import { describeCall } from "./progress.ts";
import { tell } from "./say.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs a command under a profile and returns its exit code, 128 + N when signal N ended it. */
export async function runUnderProfile(argv: readonly string[], options: RunCliOptions): Promise<number> {
  if (options.output !== undefined && options.learn !== true) throw new UsageError("-o goes with --learn");
  const document = readProfileFile(options.profile);
  if (options.learn === true) requireWritable(learnedFile(options));
  const signals = new SignalForwarding();
  try {
    return await superviseRun(argv, options, document, signals);
  } finally {
    signals.stop();
  }
}

async function superviseRun(
  argv: readonly string[],
  options: RunCliOptions,
  document: ProfileDocument,
  signals: SignalForwarding,
): Promise<number> {
  const filters = filtersOf(document);
  const watched = options.explain === true || options.learn === true;
  const running = await nativeEngine().start({
    argv,
    stdin: "inherit",
    output: "inherit",
    ownSession: false,
    noNewPrivileges: needsNoNewPrivileges(),
    filter: watched ? filters.reported : filters.enforced,
  });
  const told = new Teller(options.explain === true);
  let watch: DenialWatch | undefined;
  if (watched) {
    watch = watchDenials(running, {
      program: filters.enforced.program,
      learn: options.learn === true,
      phase: "startup",
      onDenial: denial => told.tell(denial),
    });
  }
  signals.to(running);
  try {
    const exit = await running.exited;
    await running.killAll();
    await watch?.stop();
    told.conclude();
    if (options.learn === true) learn(document, watch?.denials ?? [], options);
    return exitCode(exit, watch?.denials ?? []);
  } finally {
    await running.killAll();
    await watch?.stop();
  }
}

/**
 * Passes on to the program the signals that reach us: from before it is started, so that none ends us instead. The
 * terminal's ^C reaches the program itself.
 */
class SignalForwarding {
  readonly #waiting: NodeJS.Signals[] = [];
  #running: Running | undefined;

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#forward);
  }

  to(running: Running): void {
    this.#running = running;
    for (const name of this.#waiting) running.signal(name);
  }

  stop(): void {
    for (const name of SIGNALS) process.off(name, this.#forward);
  }

  readonly #forward = (name: NodeJS.Signals): void => {
    if (name === "SIGINT" && process.stdin.isTTY) return;
    if (this.#running === undefined) this.#waiting.push(name);
    else this.#running.signal(name);
  };
}

function exitCode(exit: Exit, denials: readonly Denial[]): number {
  if (exit.signal === null) return exit.code ?? 1;
  // A supervisor can only send SIGKILL where the kernel would have used SIGSYS.
  const killedByProfile =
    exit.signal === "SIGKILL" && denials.some(denial => denial.action.startsWith("KILL") && !denial.passed);
  return 128 + constants.signals[killedByProfile ? "SIGSYS" : exit.signal];
}

/** Tells denials on stderr: each kind in full once, repetitions as a number at the end. */
class Teller {
  readonly #full: boolean;
  readonly #counts = new Map<string, number>();

  constructor(full: boolean) {
    this.#full = full;
  }

  tell(denial: Denial): void {
    const count = syscallByNumber(denial.abi, denial.number)?.args?.length ?? 6;
    const who = `${denial.command ?? "?"}[${denial.process ?? denial.thread}]`;
    const what = describeCall(denial, count);
    const outcome = denial.passed ? `would be ${denial.action}` : denial.action;
    const key = `${denial.command ?? "?"} ${what} ${outcome}`;
    const seen = this.#counts.get(key) ?? 0;
    this.#counts.set(key, seen + 1);
    if (!this.#full || seen > 0) return;
    const abi = denial.abi === thisHost().abi ? "" : ` (${denial.abi})`;
    tell(
      `${pc.yellow("denied")} ${pc.dim(`${denial.at.toFixed(3)} s`)} ${who} ${pc.bold(what)}${abi} → ${outcome}\n`,
    );
  }

  conclude(): void {
    if (!this.#full) return;
    const repeated = [...this.#counts].filter(([, count]) => count > 1);
    for (const [key, count] of repeated) tell(`${pc.yellow("denied")} ${count} times in all: ${key}\n`);
    if (this.#counts.size === 0) tell(`${pc.green("✔")} the profile denied nothing\n`);
  }
}

function learnedFile(options: RunCliOptions): string {
  return options.output ?? `${options.profile.replace(/\.json$/, "")}.learned.json`;
}

function learn(document: ProfileDocument, denials: readonly Denial[], options: RunCliOptions): void {
  const file = learnedFile(options);
  const learned = denials.length === 0 ? document : allowCalls(document, denials, thisHost());
  writeWhole(file, printProfile(learned));
  const names = [...new Set(denials.map(denial => denial.syscall))].sort();
  const added = names.length === 0 ? "nothing was missing" : `added ${names.join(" ")}`;
  tell(`${pc.green("✔")} wrote ${file}: ${added}\n`);
}
