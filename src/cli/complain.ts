import { printJson } from "../json/print.ts";
import { auditStatus } from "../linux/audit.ts";
import { heldThrottles, holdThrottles, recoverThrottles, releaseThrottles } from "../linux/held.ts";
import { ringBufferBytes, throttles, type Throttle } from "../linux/throttles.ts";
import { printProfile } from "../profile/print.ts";
import { type Arrived, PROBE_CALLS, probeArrival } from "../record/complain/probe.ts";
import { complainProfile } from "../record/complain/profile.ts";
import { out as pc } from "./colors.ts";
import type { ComplainProfileOptions } from "./commands/complain.ts";
import { readProfileInput } from "./inputs.ts";
import { describeHeld, describeRestored, requireRoot, tellLines } from "./throttles.ts";
import { show, writeOutput } from "./say.ts";

const EFFECTS = { yes: "loses", no: "", never: "no part" } as const;

/** What was left by a run that was killed is restored by whichever command comes next. */
async function recover(): Promise<void> {
  tellLines(describeRestored(await recoverThrottles()).map(line => `after a run that was killed, ${line}`));
}

/** @throws MachineError when asked to probe without root */
export async function complainStatus(options: { probe?: true; json?: true }): Promise<void> {
  if (options.probe === true) requireRoot("--probe");
  await recover();
  const found = throttles();
  const arrived = options.probe === true ? await probeArrival() : undefined;
  if (options.json === true) {
    const { changes, holders } = heldThrottles();
    const probe = arrived === undefined ? {} : { probe: { logged: PROBE_CALLS, arrived: { ...arrived } } };
    writeOutput(
      printJson({
        seccraft: "complain-status/1",
        throttles: found.map(each => ({ ...each })),
        changes: changes.map(each => ({ ...each })),
        holders,
        ...probe,
      }),
      undefined,
    );
    return;
  }
  printThrottles(found);
  const ring = ringBufferBytes();
  const lines = [
    destination(),
    ...(ring === undefined
      ? []
      : [`the kernel's ring buffer holds ${ring / 1024} KiB, some ${Math.floor(ring / 256)} records`]),
    ...heldLines(),
    ...(arrived === undefined ? [] : [arrivalLine(arrived)]),
  ];
  show(`\n${lines.join("\n")}\n`);
}

function printThrottles(found: readonly Throttle[]): void {
  const width = (pick: (throttle: Throttle) => string): number =>
    Math.max(...found.map(throttle => pick(throttle).length));
  const [names, values] = [
    width(({ name }) => name),
    Math.min(
      24,
      width(({ value }) => value),
    ),
  ];
  for (const { name, value, loses, why, wanted } of found) {
    const effect = EFFECTS[loses];
    const mark = loses === "yes" ? pc.red(effect) : pc.dim(effect);
    const change = wanted === undefined ? "" : `; prepare sets ${wanted}`;
    show(`${`${name.padEnd(names)}  ${value.padEnd(values)}  ${mark}`.trimEnd()}\n    ${why}${change}\n`);
  }
}

function destination(): string {
  const status = auditStatus();
  if (status === undefined)
    return "audit's settings cannot be read (not root, in a container, or audit is switched off): see them with auditctl -s";
  const locked = status.enabled === 2 ? "; its settings are locked until the next boot" : "";
  return status.daemon === 0
    ? `no auditd runs: records go to the kernel's log and to audit's socket, which no printk limit touches${locked}`
    : `auditd runs (process ${status.daemon}): records go to it and to audit's socket, and not to the kernel's log${locked}`;
}

function heldLines(): string[] {
  const { changes, holders } = heldThrottles();
  if (changes.length === 0) return [];
  const who = holders.map(holder => (holder === "until-restore" ? holder : `process ${holder}`)).join(", ");
  return [
    `changed now: ${changes.map(({ name, before }) => `${name} (was ${before})`).join(", ")}; for ${who}`,
  ];
}

function countOf(arrived: number | undefined): string {
  return arrived === undefined ? "cannot be read" : String(arrived);
}

function arrivalLine(arrived: Arrived): string {
  return `measured: of ${PROBE_CALLS} logged calls, ${countOf(arrived["kernel-log"])} reached the kernel's log, ${countOf(arrived.audit)} audit's socket`;
}

/** @throws MachineError without root */
export async function complainPrepare(): Promise<void> {
  requireRoot("complain prepare");
  await recover();
  show(`before: ${arrivalLine(await probeArrival())}\n`);
  const held = await holdThrottles("until-restore");
  const lines = describeHeld(held);
  show(lines.length === 0 ? "nothing had to be changed\n" : `${lines.join("\n")}\n`);
  show(`after: ${arrivalLine(await probeArrival())}\n`);
  show("`seccraft complain restore` puts it back, and so does a restart of the machine\n");
}

/** @throws MachineError without root */
export async function complainRestore(): Promise<void> {
  requireRoot("complain restore");
  const restored = await releaseThrottles("until-restore");
  const lines = describeRestored(restored);
  const { holders } = heldThrottles();
  if (holders.length > 0) lines.push(`still off for ${holders.map(pid => `process ${pid}`).join(", ")}`);
  show(lines.length === 0 ? "nothing was changed\n" : `${lines.join("\n")}\n`);
}

/** @throws InputError when the base cannot be read, or no rules say what is asked for */
export async function complainProfileOf({ base, output }: ComplainProfileOptions): Promise<void> {
  const document = base === undefined ? undefined : (await readProfileInput(base)).document;
  writeOutput(printProfile(complainProfile(document)), output);
}
