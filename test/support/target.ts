import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import type { LaunchSpec, Running } from "../../src/engine/engine.ts";
import { nativeEngine } from "../../src/engine/native/native.ts";

let markers = 0;

/** A duration for sleep(1) that nobody else sleeps: finds the processes of one test among all. */
export function uniqueSleep(): string {
  return `1000.${process.pid}${String(markers++).padStart(4, "0")}`;
}

/** The processes, zombies aside, that have a text in their command line. */
export function processesWith(text: string): number[] {
  return readdirSync("/proc")
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(name => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Resolves as soon as a condition holds, rejects when it does not in time. */
export async function eventually(what: string, holds: () => boolean, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await setTimeout(5);
  }
}

/** The folder of a cgroup v2 by its name, where these are mounted. */
export function cgroupFolder(name: string): string | undefined {
  const line = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .find(text => text.includes(" - cgroup2 "));
  return line === undefined ? undefined : path.join(line.split(" ")[4] ?? "", name);
}

/** Starts a command with its output captured and in a session of its own, unless told otherwise. */
export async function launch(argv: readonly string[], more: Partial<LaunchSpec> = {}): Promise<Running> {
  return await nativeEngine().start({
    argv,
    stdin: "null",
    output: "capture",
    noNewPrivileges: false,
    ownSession: true,
    ...more,
  });
}

/** The same for a line of shell. */
export async function launchShell(line: string, more: Partial<LaunchSpec> = {}): Promise<Running> {
  return await launch(["/bin/sh", "-c", line], more);
}
