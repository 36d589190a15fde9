import type { AbiName } from "../abi/abi.ts";
import { parseArgument } from "../abi/arguments.ts";
import { syscallByName } from "../abi/syscalls.ts";
import { EXIT, type ExitCode, InputError } from "../errors.ts";
import { printJson } from "../json/print.ts";
import { showAction } from "../output/calls.ts";
import { type Action, decodeAction, letsThrough } from "../profile/action.ts";
import { functionFor, functionsOf, type ProfileFunctions } from "../profile/functions.ts";
import type { Profile } from "../profile/resolve.ts";
import { verdict } from "../profile/verdict.ts";
import { parseStraceLine } from "../record/logs/strace/line.ts";
import { abiOfPrefix, guessAbi } from "../record/logs/strace/processes.ts";
import type { SimulateCliOptions } from "./commands/simulate.ts";
import { readInput } from "./inputs.ts";
import { show, writeOutput } from "./say.ts";

/** All calls of a trace that look alike to the profile. */
interface Stopped {
  readonly abi: AbiName;
  readonly name: string;
  readonly actions: readonly Action[];
  count: number;
  /** The first line that shows it, from 1, and its text. */
  readonly line: number;
  readonly text: string;
}

/** The arguments of a call as strace prints them, split at commas that are not inside anything. */
function splitArguments(rest: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let at = 0; at < rest.length; at++) {
    const c = rest[at];
    if (quoted) {
      if (c === "\\") at++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === "(" || c === "[" || c === "{") depth++;
    else if (depth > 0 && (c === ")" || c === "]" || c === "}")) depth--;
    else if (depth === 0 && (c === "," || c === ")")) {
      parts.push(rest.slice(start, at).trim());
      start = at + 1;
      if (c === ")") break;
    }
  }
  return parts;
}

/** Values of the arguments that strace shows as such, undefined for strings, structures and addresses. */
function knownArguments(abi: AbiName, name: string, rest: string): (bigint | undefined)[] {
  const names = syscallByName(abi, name)?.args ?? [];
  const values: (bigint | undefined)[] = [];
  for (const [position, part] of splitArguments(rest).entries()) {
    const named = /^([a-z_]+)=(.*)$/.exec(part);
    // strace names arguments where it prints them in another order, as those of clone.
    const index = named === null ? position : names.findIndex(argument => argument.endsWith(named[1] ?? ""));
    if (index < 0 || index > 5) continue;
    const text = (named?.[2] ?? part).replace(/<[^>]*>$/, "").replace(/\s*\/\*.*?\*\//, "");
    const value = text === "NULL" ? 0n : parseArgument(abi, name, index, text, values);
    values[index] = value === undefined ? undefined : BigInt.asUintN(64, value);
  }
  return values;
}

function answers(
  functions: ProfileFunctions,
  profile: Profile,
  abi: AbiName,
  name: string,
  rest: string,
): Action[] {
  const number = syscallByName(abi, name)?.number;
  if (number === undefined) return [];
  const id = functionFor(functions, abi, number);
  const constant = functions.store.constantValue(id);
  // The profile itself knows of the ENOSYS stub, the functions do not.
  if (constant !== undefined) return [verdict(profile, abi, number, [])];
  const known = knownArguments(abi, name, rest);
  return functions.store.valuesWith(id, known).map(decodeAction);
}

function findStopped(text: string, file: string, profile: Profile): { stopped: Stopped[]; calls: number } {
  const functions = functionsOf(profile);
  const lines = text.split("\n").map((line, index) => ({ line, index, parsed: parseStraceLine(line) }));
  const names = lines.flatMap(({ parsed }) => (parsed?.event.kind === "call" ? [parsed.event.name] : []));
  if (names.length === 0) throw new InputError("holds no call as strace prints them", { file });
  const usual = guessAbi(profile.native, names);
  const stopped = new Map<string, Stopped>();
  let calls = 0;
  for (const { line, index, parsed } of lines) {
    if (parsed?.event.kind !== "call" || parsed.event.part === "resumed") continue;
    calls++;
    const { name, rest } = parsed.event;
    const abi = abiOfPrefix(profile.native, parsed.prefix, name) ?? usual;
    const actions = answers(functions, profile, abi, name, rest);
    if (actions.every(letsThrough)) continue;
    const key = `${abi} ${name} ${actions.map(showAction).join()}`;
    const known = stopped.get(key);
    if (known === undefined)
      stopped.set(key, { abi, name, actions, count: 1, line: index + 1, text: line.trim() });
    else known.count++;
  }
  return { stopped: [...stopped.values()], calls };
}

/** Tells which calls of strace's log a profile would have stopped. Exit code 1 when there are any. */
export function simulateTrace(file: string, profile: Profile, options: SimulateCliOptions): ExitCode {
  const { stopped, calls } = findStopped(readInput(file), file, profile);
  if (options.json === true) {
    const list = stopped.map(({ abi, name, actions, count, line, text }) => ({
      abi,
      syscall: name,
      actions: actions.map(action => ({ ...action })),
      certain: !actions.some(letsThrough),
      count,
      line,
      text,
    }));
    writeOutput(printJson({ seccraft: "simulate-trace/1", calls, stopped: list }), undefined);
  } else {
    for (const { name, actions, count, line, text } of stopped) {
      const certain = actions.some(letsThrough) ? "perhaps " : "";
      const what = actions
        .filter(action => !letsThrough(action))
        .map(showAction)
        .join(" or ");
      show(`${name}: ${certain}${what}, ${count} times, first in line ${line}: ${text.slice(0, 100)}\n`);
    }
    show(`${calls} calls, ${stopped.length === 0 ? "none" : "some"} of them stopped\n`);
  }
  return stopped.length === 0 ? EXIT.ok : EXIT.findings;
}
