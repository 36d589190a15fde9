import process from "node:process";
import { formatDuration } from "../duration.ts";
import { InterruptedError, TargetError } from "../errors.ts";
import { describeExit, type Running } from "./engine.ts";
import { nativeEngine } from "./native/native.ts";
import { type WaitOptions, within } from "./wait.ts";

/** How exercises are run. The time is that of each exercise; aborting ends the one that runs, and the rest. */
export interface ExerciseOptions extends WaitOptions {
  /** Added to our own environment; `SECCRAFT_PID` for example. */
  readonly env?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** Hears each exercise before it starts. */
  readonly onStart?: (command: string, index: number) => void;
}

/**
 * Runs shell commands in order, under no filter and in no cgroup but our own. What they leave in the background runs on
 * until the last one has ended.
 * @throws TargetError with its output for an exercise that fails or takes too long, InterruptedError when aborted.
 */
export async function runExercises(commands: readonly string[], options: ExerciseOptions): Promise<void> {
  const started: Running[] = [];
  try {
    for (const [index, command] of commands.entries()) {
      options.onStart?.(command, index);
      if (options.signal?.aborted === true) throw new InterruptedError("the caller");
      const running = await nativeEngine().start({
        argv: ["/bin/sh", "-c", command],
        ...(options.directory === undefined ? {} : { directory: options.directory }),
        env: { ...process.env, ...options.env },
        stdin: "null",
        output: "capture",
        noNewPrivileges: false,
        // Its own session, hence its own process group: ^C is for us to hear, and to pass on.
        ownSession: true,
      });
      started.push(running);
      await waitForExercise(command, running, options);
    }
  } finally {
    await Promise.all(started.map(running => running.killAll()));
  }
}

async function waitForExercise(command: string, running: Running, options: ExerciseOptions): Promise<void> {
  const name = JSON.stringify(command);
  const timedOut = (): Error => {
    const time = formatDuration(options.timeoutMs);
    return new TargetError(`exercise ${name} has not ended after ${time}`, running.outputTail());
  };
  const exit = await within(options, timedOut, async () => await running.exited);
  if (exit.code !== 0) {
    throw new TargetError(`exercise ${name} failed: ${describeExit(exit)}`, running.outputTail());
  }
}
