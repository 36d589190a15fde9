import { existsSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { MachineError } from "../../errors.ts";
import { openFilesBeforeNode } from "../../linux/limits.ts";
import type { LaunchSpec } from "../engine.ts";

const MACHINES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/**
 * The launcher for this machine, as `npm run build` compiles it from native/launch.c.
 * @throws MachineError when there is none.
 */
export function launcherFile(): string {
  if (process.platform !== "linux") {
    throw new MachineError(
      `a command can only be run under seccomp on Linux, not on ${process.platform}`,
      "Profiles and binaries can be worked on here; run the command on a Linux machine.",
    );
  }
  const machine = MACHINES[process.arch];
  if (machine === undefined) {
    throw new MachineError(
      `there is no launcher for ${process.arch}`,
      "Use an x86_64 or an aarch64 machine, or record what runs in a container.",
    );
  }
  const name = `dist/native/launch-${machine}`;
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    const file = path.join(folder, name);
    if (existsSync(file)) return file;
    if (folder === path.dirname(folder)) break;
  }
  throw new MachineError(`the launcher ${name} is missing`, "Run `npm run build`, which needs a C compiler.");
}

/** The launcher's arguments; native/launch.c documents them. */
export function launcherArguments(spec: LaunchSpec, file: string): string[] {
  const options: string[] = [];
  if (spec.ownSession) options.push("--session");
  if (spec.noNewPrivileges) options.push("--no-new-privs");
  const openFiles = openFilesBeforeNode();
  if (openFiles !== undefined) options.push(`--open-files=${openFiles}`);
  if (spec.cgroup !== undefined) options.push(`--cgroup=${spec.cgroup}`);
  if (spec.filter !== undefined) {
    options.push(`--filter=${spec.filter.program.length}`);
    if (spec.filter.flags !== 0) options.push(`--filter-flags=${spec.filter.flags}`);
    if (spec.filter.listener) options.push("--listener");
  }
  return [...options, "--", file, ...spec.argv];
}
