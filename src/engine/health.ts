import { setTimeout as sleep } from "node:timers/promises";
import { TargetError } from "../errors.ts";
import { within, type WaitOptions } from "./wait.ts";

/** How often a health check is made. An image's own interval, half a minute when it names none, outlasts a run. */
export const HEALTH_INTERVAL_MS = 250;

/** How a health check went. */
export interface Health {
  readonly healthy: boolean;
  /** What it printed when it failed. */
  readonly output: string;
}

/**
 * The command of a health check, as images carry it: `["CMD", …]`, `["CMD-SHELL", SCRIPT]`, `["NONE"]`. Undefined when
 * there is none. Source: moby `api/types/container/config.go`.
 * @param test `Healthcheck.Test` of an image's configuration
 */
export function healthCommand(test: readonly string[] | undefined): readonly string[] | undefined {
  const [kind, ...rest] = test ?? [];
  if (rest.length === 0) return undefined;
  if (kind === "CMD") return rest;
  return kind === "CMD-SHELL" ? ["/bin/sh", "-c", ...rest] : undefined;
}

/**
 * Resolves when a health check has succeeded.
 * @param look how the last one went; undefined while none has ended
 * @throws TargetError when none succeeds in time, InterruptedError when aborted
 */
export async function untilHealthy(
  options: WaitOptions,
  look: () => Promise<Health | undefined>,
): Promise<void> {
  let output = "";
  const late = (): Error =>
    new TargetError(
      `the image's health check does not succeed within ${options.timeoutMs / 1000} s; --no-healthcheck leaves it out`,
      output,
    );
  await within(options, late, async signal => {
    while (!signal.aborted) {
      const health = await look();
      if (health?.healthy === true) return;
      output = health?.output ?? output;
      await sleep(HEALTH_INTERVAL_MS / 5);
    }
  });
}
