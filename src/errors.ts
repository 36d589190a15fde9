/** Exit codes that scripts rely on. */
export const EXIT = {
  ok: 0,
  /** Lint, diff, check or a denial found something. */
  findings: 1,
  /** Bad input or wrong usage. */
  input: 2,
  /** This machine lacks what the command needs. */
  machine: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Where in somebody's input something is wrong. Lines and columns count from 1; an offset is in bytes. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Path of a field, such as `syscalls[3].args[0].op`. */
  readonly field?: string;
  /** Byte offset or virtual address in a binary file. */
  readonly address?: number | bigint;
}

/** `profile.json:12:5: syscalls[3].args[0].op`, as far as the parts are known. */
export function formatPlace(place: Place): string {
  let text = place.file ?? "";
  if (place.line !== undefined) {
    text += `:${place.line}`;
    if (place.column !== undefined) text += `:${place.column}`;
  }
  if (place.address !== undefined) text += `${text === "" ? "" : "+"}0x${place.address.toString(16)}`;
  if (place.field !== undefined && place.field !== "") text += `${text === "" ? "" : ": "}${place.field}`;
  return text;
}

/** Every error that seccraft raises on purpose. Anything else is a defect of seccraft. */
export abstract class SeccraftError extends Error {
  abstract readonly tag: "input" | "usage" | "machine" | "target" | "interrupted";
  abstract readonly exitCode: ExitCode;
}

/** What somebody gave us cannot be used: a profile, a log, a binary, an evidence file. */
export class InputError extends SeccraftError {
  readonly tag = "input" as const;
  readonly exitCode: ExitCode = EXIT.input;
  readonly place: Place;
  /** The bare reason, without the place. */
  readonly reason: string;

  constructor(reason: string, place: Place = {}, options?: ErrorOptions) {
    const where = formatPlace(place);
    super(where === "" ? reason : `${where}: ${reason}`, options);
    this.name = "InputError";
    this.reason = reason;
    this.place = place;
  }
}

/** Options or arguments of a command that make no sense. */
export class UsageError extends SeccraftError {
  readonly tag = "usage" as const;
  readonly exitCode: ExitCode = EXIT.input;
  override readonly name = "UsageError";
}

/** The machine lacks something; `remedy` says what to do about it. */
export class MachineError extends SeccraftError {
  readonly tag = "machine" as const;
  readonly exitCode: ExitCode = EXIT.machine;
  readonly remedy: string;

  constructor(reason: string, remedy: string, options?: ErrorOptions) {
    super(`${reason}. ${remedy}`, options);
    this.name = "MachineError";
    this.remedy = remedy;
  }
}

/** The target or an exercise did not do what it must: did not start, not become ready, failed. */
export class TargetError extends SeccraftError {
  readonly tag = "target" as const;
  readonly exitCode: ExitCode = EXIT.findings;
  /** Last lines of what it printed, if any. */
  readonly output: string;

  constructor(reason: string, output = "", options?: ErrorOptions) {
    super(reason, options);
    this.name = "TargetError";
    this.output = output;
  }
}

/** The user pressed ^C or a supervisor asked us to stop. */
export class InterruptedError extends SeccraftError {
  readonly tag = "interrupted" as const;
  readonly exitCode: ExitCode = EXIT.interrupted;

  constructor(signal: string) {
    super(`stopped by ${signal}`);
    this.name = "InterruptedError";
  }
}
