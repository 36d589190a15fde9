import type { Abi } from "../abi/abi.ts";
import { RECORDED_ARGUMENTS } from "../abi/arguments.ts";
import { syscallsOf } from "../abi/syscalls.ts";

/** Numbers at or above this have no recorded arguments. */
export const RECORDED_NUMBERS = 1024;

/**
 * Which arguments a recorder keeps the values of: one byte an ABI and number (without the ABI's base), bit i for
 * argument i; the ABIs in the order given.
 */
export function recordedArguments(abis: readonly Abi[]): Uint8Array {
  const bits = new Uint8Array(abis.length * RECORDED_NUMBERS);
  abis.forEach((abi, slot) => {
    for (const call of syscallsOf(abi.name)) {
      const number = call.number - abi.numberBase;
      if (number >= RECORDED_NUMBERS) continue;
      const at = slot * RECORDED_NUMBERS + number;
      for (const index of RECORDED_ARGUMENTS[call.name] ?? []) bits[at] = (bits[at] ?? 0) | (1 << index);
    }
  });
  return bits;
}
