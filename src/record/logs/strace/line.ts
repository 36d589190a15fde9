/** What stands before the call in a line of strace. */
export interface Prefix {
  readonly pid: number | undefined;
  readonly comm: string | undefined;
  /** What the time in front means: of day (-t, -tt), since the epoch (-ttt), since the last line (-r). */
  readonly clock: "day" | "epoch" | "relative" | undefined;
  readonly seconds: number | undefined;
  /** Digits of the instruction pointer (-i): 8 for a 32-bit program, 16 otherwise. */
  readonly pointerDigits: number | undefined;
  /** Syscall number (-n). */
  readonly number: number | undefined;
}

export type StraceEvent =
  | {
      readonly kind: "call";
      readonly name: string;
      /** Arguments and what follows, as far as the line has them. */
      readonly rest: string;
      /** `whole`; `unfinished`: the end comes in a later line; `resumed`: the beginning came in an earlier one. */
      readonly part: "whole" | "unfinished" | "resumed";
    }
  | { readonly kind: "personality"; readonly pid: number; readonly mode: string }
  | { readonly kind: "exit"; readonly supersededBy: number | undefined }
  /** A signal, a message of strace itself, a stack frame, a dump: nothing to count. */
  | { readonly kind: "other" };

export interface StraceLine {
  readonly prefix: Prefix;
  readonly event: StraceEvent;
}

/** Process ids end at 2^22; a bare number that is longer is a time. */
const PID = /(?:\[pid\s+(\d{1,7})(?:<([^>]*)>)?\]|(\d{1,7})(?:<([^>]*)>)?) +/y;
const RELATIVE = /(?:\(\+\s*)?(\d{1,9}\.\d{3,9})\)? /y;
const TIME = /(?:(\d{1,2}):(\d{2}):(\d{2}(?:\.\d{1,9})?)|(\d{9,11}(?:\.\d{1,9})?)) /y;
const SPACES = / */y;
const POINTER = /\[(?:([0-9a-f]{8,16})|\?{8,16})\] /y;
const NUMBER = /\[ *(\d{1,10})\] /y;
const CALL = /([a-z_][a-z0-9_]{0,63})\(/y;
const RESUMED = /<\.\.\. ([a-z_][a-z0-9_]{0,63}) resumed>/y;
const PERSONALITY = /\[ Process PID=(\d{1,10}) runs in (\w+) (?:bit )?mode\. \]/;
/** strace writes its own messages into the middle of a line when it prints to the terminal. */
const UNFINISHED = /(?:<(?:unfinished|detached) \.\.\.>|strace: Process \d+ attached)$/;
const OTHER =
  /^(?:--- .* ---|strace: .*|\?{4}\(.*|> .*|\| .*|<detached \.\.\.>|Process \d+ (?:attached|detached|resumed|suspended).*|)$/;

function take(pattern: RegExp, line: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(line) ?? undefined;
}

function parsePrefix(line: string): { prefix: Prefix; at: number } {
  let at = 0;
  let pid: number | undefined;
  let comm: string | undefined;
  // A time of -ttt or -r has a dot and is no pid.
  const owner = take(PID, line, at);
  if (owner !== undefined) {
    pid = Number(owner[1] ?? owner[3]);
    comm = owner[2] ?? owner[4];
    at = PID.lastIndex;
  }
  take(SPACES, line, at);
  at = SPACES.lastIndex;
  let clock: Prefix["clock"];
  let seconds: number | undefined;
  const time = take(TIME, line, at);
  if (time !== undefined) {
    clock = time[4] === undefined ? "day" : "epoch";
    seconds =
      time[4] === undefined
        ? Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3])
        : Number(time[4]);
    at = TIME.lastIndex;
  }
  const relative = take(RELATIVE, line, at);
  if (relative !== undefined) {
    at = RELATIVE.lastIndex;
    clock ??= "relative";
    seconds ??= Number(relative[1]);
  }
  const pointer = take(POINTER, line, at);
  if (pointer !== undefined) at = POINTER.lastIndex;
  const number = take(NUMBER, line, at);
  if (number !== undefined) at = NUMBER.lastIndex;
  return {
    prefix: {
      pid,
      comm,
      clock,
      seconds,
      pointerDigits: pointer?.[1]?.length,
      number: number === undefined ? undefined : Number(number[1]),
    },
    at,
  };
}

function parseEvent(line: string, at: number): StraceEvent | undefined {
  const call = take(CALL, line, at);
  if (call !== undefined) {
    const rest = line.slice(CALL.lastIndex);
    return { kind: "call", name: call[1] ?? "", rest, part: UNFINISHED.test(rest) ? "unfinished" : "whole" };
  }
  const resumed = take(RESUMED, line, at);
  if (resumed !== undefined) {
    const rest = line.slice(RESUMED.lastIndex);
    return { kind: "call", name: resumed[1] ?? "", rest, part: "resumed" };
  }
  const body = line.slice(at);
  const personality = PERSONALITY.exec(body);
  if (personality !== null) {
    return { kind: "personality", pid: Number(personality[1]), mode: personality[2] ?? "" };
  }
  if (body.startsWith("+++ ")) {
    const superseded = /superseded by execve in pid (\d+)/.exec(body);
    return { kind: "exit", supersededBy: superseded === null ? undefined : Number(superseded[1]) };
  }
  return OTHER.test(body) ? { kind: "other" } : undefined;
}

/** Reads a line of strace's output; undefined for what strace did not print, such as the program's own output. */
export function parseStraceLine(line: string): StraceLine | undefined {
  const { prefix, at } = parsePrefix(line);
  const event = parseEvent(line, at);
  return event === undefined ? undefined : { prefix, event };
}

/** How a call ended. */
export interface Result {
  /** What it returned, as far as it is an integer. */
  readonly value: number | undefined;
  /** `ENOENT`; undefined when it did not fail. The text behind it depends on the language and is not looked at. */
  readonly errno: string | undefined;
}

const RESULT = /^(?:(-?\d{1,19}|0x[0-9a-f]{1,16})(?:<.*>|\s+\/\*.*\*\/)?|\?)(?: ([A-Z][A-Z0-9_]{1,30})\b)?/;

/** The result behind the last ` = ` of a call; undefined when the call did not return within the log. */
export function parseResult(rest: string): Result | undefined {
  const at = rest.lastIndexOf(" = ");
  // Between the parenthesis and the sign there are only blanks that align the results.
  if (at === -1 || !/\)\s*$/.test(rest.slice(Math.max(0, at - 80), at))) return undefined;
  const match = RESULT.exec(rest.slice(at + 3));
  if (match === null) return undefined;
  const value = match[1] === undefined ? undefined : Number(match[1]);
  // What restarts the call is the kernel's own business (ERESTARTSYS and its like) and no error the program sees.
  const errno = match[2]?.startsWith("ERESTART") === true ? undefined : match[2];
  return { value, errno: value === -1 ? errno : undefined };
}
