import process from "node:process";
import { abisOfMachine } from "../abi/abi.ts";
import { syscallByName } from "../abi/syscalls.ts";
import { MachineError } from "../errors.ts";

/** The number of a syscall on this machine's own ABI. */
export function systemCallNumber(name: string): number {
  const own = abisOfMachine(process.arch)[0];
  const call = own === undefined ? undefined : syscallByName(own.name, name);
  if (call === undefined)
    throw new MachineError(
      `seccraft does not know ${name}(2) on ${process.arch}`,
      "Recording works on x86_64 and aarch64.",
    );
  return call.number;
}
