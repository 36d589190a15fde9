import { spawn } from "node:child_process";
import { closeSync, statSync } from "node:fs";
import process from "node:process";
import { MachineError, TargetError } from "../../errors.ts";
import { createPipe } from "../../linux/pipe.ts";
import { createSocketPair } from "../../linux/socket.ts";
import type { Engine, LaunchSpec, Running } from "../engine.ts";
import { Guard } from "./guard.ts";
import { launcherArguments, launcherFile } from "./launcher.ts";
import { Output } from "../output.ts";
import { resolveProgram } from "./program.ts";

/** Starts a command on this machine through the launcher, without a container. */
export function nativeEngine(): Engine {
  return {
    name: "native",
    files: () =>
      Promise.resolve({ root: "/", workdir: process.cwd(), command: argv => argv, env: process.env }),
    start,
  };
}

/**
 * @throws TargetError when the command cannot be executed, MachineError when this machine cannot do what was asked.
 */
async function start(spec: LaunchSpec): Promise<Running> {
  const launcher = launcherFile();
  const directory = spec.directory ?? process.cwd();
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new TargetError(`${directory}: no such folder to run the command in`);
  }
  const env = { ...(spec.env ?? process.env) };
  const [command = ""] = spec.argv;
  const file = resolveProgram(command, env["PATH"], directory);
  const output = new Output();
  const pipe = spec.output === "capture" ? createPipe() : undefined;
  const stream = pipe?.write ?? "inherit";
  const stdout = spec.output === "stderr" ? 2 : stream;
  const [listenerSocket, theirs] = spec.filter?.listener === true ? createSocketPair() : [];
  const child = spawn(launcher, launcherArguments(spec, file), {
    cwd: directory,
    env,
    stdio: [spec.stdin === "null" ? "ignore" : "inherit", stdout, stream, "pipe", theirs ?? "ignore"],
  });
  if (theirs !== undefined) closeSync(theirs);
  if (pipe !== undefined) {
    closeSync(pipe.write);
    output.read(pipe.read);
  }
  const guard = new Guard(child, spec, output, listenerSocket);
  try {
    await guard.started;
  } catch (error) {
    await guard.gone;
    if (error instanceof TargetError || error instanceof MachineError) throw error;
    throw new MachineError(
      `the launcher ${launcher} cannot be run (${(error as NodeJS.ErrnoException).code ?? "unknown"})`,
      "Run `npm run build`, or install seccraft on a file system that allows programs.",
      { cause: error },
    );
  }
  return guard;
}
