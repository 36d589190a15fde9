import { InvalidArgumentError, Option, type Command } from "commander";
import { parseDuration } from "../duration.ts";
import { parseReady, READY_FORMS, type ReadySpec } from "../engine/ready.ts";
import { UsageError } from "../errors.ts";
import type { EvidenceFormat } from "../output/format.ts";
import type { RuntimeBase } from "../profile/runtime-base.ts";
import type { RecorderChoice } from "../record/choose.ts";

/** Turns our usage errors into commander's, which name the option. */
export function asArgument<T>(parse: (text: string) => T): (text: string) => T {
  return text => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof UsageError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`it must be a whole number from ${least} to ${most}.`);
    return value;
  };
}

/** As long as a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

export interface WorkloadOptions {
  readonly ready?: ReadySpec;
  readonly exercise: readonly string[];
  readonly timeout: number;
  readonly expectExit: number;
}

/** What makes a command a workload: when it is ready, what it is put through, how long it may take. */
export function addWorkloadOptions(
  command: Command,
  { timeout }: { readonly timeout: "30s" | "none" },
): Command {
  return command
    .addOption(
      new Option(
        "--ready <spec>",
        `when the target is ready: ${READY_FORMS} (default: it ends by itself)`,
      ).argParser(asArgument(parseReady)),
    )
    .addOption(
      new Option(
        "--exercise <command>",
        "shell command that puts the ready target to work; repeatable, run in order",
      )
        .argParser((text: string, before: readonly string[]) => [...before, text])
        .default([], "none"),
    )
    .addOption(
      new Option(
        "--timeout <time>",
        "for becoming ready, for each exercise, and for a command that ends by itself",
      )
        .argParser(asArgument(text => parseDuration(text, "--timeout")))
        .default(timeout === "none" ? LONGEST_MS : 30_000, timeout),
    )
    .addOption(
      new Option("--expect-exit <code>", "exit code with which a command that ends by itself has succeeded")
        .argParser(wholeNumber(0, 255))
        .default(0),
    );
}

export function recorderOption(...more: readonly "complain"[]): Option {
  const complain =
    more.length === 0 ? "" : "; complain reads what the kernel logs, where neither may be used";
  return new Option("--recorder <name>", `how to watch: ebpf needs root, notify does not${complain}`)
    .choices(["auto", "ebpf", "notify", ...more] satisfies RecorderChoice[])
    .default("auto");
}

/** How what was seen of a program is printed; for a profile, with what runtime. `chosenFormat` reads the result. */
export function addFormatOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--format <name>", "of the result")
        .choices(["oci", "names", "table", "evidence"] satisfies EvidenceFormat[])
        .default("oci"),
    )
    .option("--json", "short for --format evidence")
    .addOption(
      new Option(
        "--runtime <name>",
        "add to the profile what this container runtime itself calls after it has loaded it, the program's execve among it",
      )
        .choices(["none", "runc", "crun"] satisfies RuntimeBase[])
        .default("none"),
    );
}

export function chosenFormat<T extends { readonly format: EvidenceFormat }>(given: T & { json?: true }): T {
  return given.json === true ? { ...given, format: "evidence" } : given;
}
