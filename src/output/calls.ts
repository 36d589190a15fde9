import type { AbiName } from "../abi/abi.ts";
import { describeArgument } from "../abi/arguments.ts";
import { syscallByName } from "../abi/syscalls.ts";
import type { Printable } from "../json/print.ts";
import type { Action } from "../profile/action.ts";
import type { Counterexample } from "../profile/algebra.ts";
import { errnoName } from "../profile/errno.ts";

/** An action in words, `ERRNO (EPERM)`. */
export function showAction(action: Action): string {
  if (action.kind === "errno")
    return `ERRNO (${action.errno === 0 ? "0, a success that is none" : errnoName(action.errno)})`;
  if (action.kind === "trace") return `TRACE (${action.data})`;
  return action.kind.toUpperCase().replace("-", "_");
}

/** A call as a program would write it, `socket(AF_INET, SOCK_STREAM, 0)`; as many arguments as the call has. */
export function showCall(abi: AbiName, name: string, args: readonly bigint[]): string {
  const known = syscallByName(abi, name)?.args?.length;
  const last = args.findLastIndex(value => value !== 0n);
  const shown = args.slice(0, Math.max(known ?? 0, last + 1));
  return `${name}(${shown.map((value, index) => describeArgument(abi, name, index, value, args)).join(", ")})`;
}

export function showCounterexample(call: Counterexample): string {
  const { abi, name, args, first, second } = call;
  return `${showCall(abi, name, args)} on ${abi}: ${showAction(first)} against ${showAction(second)}`;
}

/** An action as JSON: its kind, and its number where it has one. */
export function printableAction(action: Action): Printable {
  return { ...action };
}

/** A call as JSON; arguments as hexadecimal strings, which lose no digit. */
export function printableCall(
  abi: AbiName,
  number: number,
  name: string,
  args: readonly bigint[],
): { readonly [name: string]: Printable } {
  return {
    abi,
    syscall: name,
    number,
    args: args.map(value => `0x${value.toString(16)}`),
    call: showCall(abi, name, args),
  };
}

export function printableCounterexample(call: Counterexample): Printable {
  return {
    ...printableCall(call.abi, call.number, call.name, call.args),
    first: printableAction(call.first),
    second: printableAction(call.second),
  };
}
