import { setTimeout as sleep } from "node:timers/promises";
import { nativeEngine } from "../../engine/native/native.ts";
import { enterAuditSession } from "../../linux/loginuid.ts";
import { logOnly } from "./log-only.ts";
import type { LogChannel } from "./protocol.ts";
import { LogWatch, recordsOf } from "./watch.ts";

/** How many calls are logged to see how many arrive. */
export const PROBE_CALLS = 200;
/** After the last call. */
const ARRIVAL_MS = 300;

/** Of PROBE_CALLS logged calls, how many came by each channel; undefined where it cannot be read. */
export type Arrived = Readonly<Record<LogChannel, number | undefined>>;

/**
 * Logs calls, and counts what comes by each channel, as things are now.
 * @throws MachineError without root
 */
export async function probeArrival(): Promise<Arrived> {
  const arrived: Record<LogChannel, number | undefined> = { audit: undefined, "kernel-log": undefined };
  const session = enterAuditSession();
  const watches: LogWatch[] = [];
  try {
    for (const channel of ["audit", "kernel-log"] as const) {
      try {
        const count = (lines: Buffer): void => {
          arrived[channel] = (arrived[channel] ?? 0) + recordsOf(session, lines).length;
        };
        watches.push(await LogWatch.start(channel, count));
        arrived[channel] = 0;
      } catch {
        // It cannot be read here.
      }
    }
    // The shell's own command: one call each, which changes nothing.
    const script = `i=0; while [ $i -lt ${PROBE_CALLS} ]; do kill -0 $$; i=$((i + 1)); done`;
    const running = await nativeEngine().start({
      argv: ["/bin/sh", "-c", script],
      stdin: "null",
      output: "capture",
      noNewPrivileges: false,
      ownSession: true,
      filter: { program: logOnly("kill"), flags: 0, listener: false },
    });
    await running.gone;
    await sleep(ARRIVAL_MS);
  } finally {
    enterAuditSession();
    for (const watch of watches) await watch.stop();
  }
  return arrived;
}
