import process from "node:process";
import { MachineError } from "../errors.ts";
import { holdThrottles, releaseThrottles, type Held, type Restored } from "../linux/held.ts";
import type { Change } from "../linux/throttles.ts";
import { tell } from "./say.ts";

function describe({ name, before, during }: Change): string {
  return `${name} (${before} → ${during})`;
}

/** What was switched off, and what could not be; empty when nothing had to be. */
export function describeHeld({ changes, refused }: Held): string[] {
  return [
    ...(changes.length === 0 ? [] : [`throttles are off: ${changes.map(describe).join(", ")}`]),
    ...refused.map(({ name, reason }) => `${name} could not be changed: ${reason}`),
  ];
}

/** What was put back, and what was not. */
export function describeRestored({ changes, left }: Restored): string[] {
  const back = changes.map(({ name, before }) => `${name} (${before})`).join(", ");
  return [
    ...(back === "" ? [] : [`throttles are restored: ${back}`]),
    ...left.map(
      ({ name, before }) =>
        `${name} was changed by somebody else meanwhile and is left as it is (it was ${before})`,
    ),
  ];
}

export function tellLines(lines: readonly string[]): void {
  for (const line of lines) tell(`seccraft: ${line}\n`);
}

/** Does something with the throttles off, and says what that changes. Should we be killed, the next start restores them. */
export async function withoutThrottles<T>(body: () => Promise<T>): Promise<T> {
  const held = await holdThrottles("process");
  tellLines(describeHeld(held));
  try {
    return await body();
  } finally {
    tellLines(describeRestored(await releaseThrottles("process")));
  }
}

/** @throws MachineError when we are not root */
export function requireRoot(what: string): void {
  if (process.geteuid?.() !== 0) throw new MachineError(`${what} needs root`, "Run it with sudo.");
}
