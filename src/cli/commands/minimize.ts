import process from "node:process";
import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../../duration.ts";
import type { Budget } from "../../minimize/lab.ts";
import type { Deny } from "../../minimize/setup.ts";
import type { CopyChoice } from "../../minimize/workspace.ts";
import type { RuntimeBase } from "../../profile/runtime-base.ts";
import type { RecorderChoice } from "../../record/choose.ts";
import { addContainerOptions, type ContainerCliOptions } from "../container-options.ts";
import { interruptible } from "../interrupt.ts";
import {
  addWorkloadOptions,
  asArgument,
  recorderOption,
  wholeNumber,
  type WorkloadOptions,
} from "../options.ts";

export interface MinimizeCliOptions extends WorkloadOptions, ContainerCliOptions {
  readonly success: readonly string[];
  readonly start: string;
  readonly deny: Deny;
  readonly jobs?: number;
  readonly repeat: number;
  readonly budget: Budget;
  readonly keep: readonly string[];
  readonly runtime?: RuntimeBase;
  readonly arguments?: boolean;
  readonly copy: CopyChoice;
  readonly recorder: RecorderChoice;
  readonly journal: string;
  readonly fresh?: boolean;
  readonly replay?: number;
  readonly output?: string;
  readonly evidence?: string;
  readonly json?: boolean;
}

const EXAMPLE = `
Examples:
  seccraft minimize --success output -- sqlite3 :memory: 'select 1'
  seccraft minimize --start profile.json --ready tcp:6379 --exercise 'redis-cli set k v' -- redis-server
  seccraft minimize --image app.tar --ready tcp:80 --exercise 'curl -sf http://$SECCRAFT_ADDRESS/'
  seccraft minimize --replay 12        what run 12 did, done again
`;

/** `200`, or `10m`. */
function parseBudget(text: string): Budget {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return { runs: Number(text) };
  return { milliseconds: parseDuration(text, "--budget") };
}

function parseKeep(text: string, before: readonly string[]): readonly string[] {
  const names = text.split(",").map(name => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("write names separated by commas.");
  return [...before, ...names];
}

export function minimizeCommand(): Command {
  const command = new Command("minimize")
    .description(
      "find by trying which syscalls a command or an image cannot do without, and what happens without each",
    )
    .argument(
      "[command...]",
      "the command and its arguments, after --; with --image it takes the place of the image's",
    )
    .passThroughOptions();
  return addContainerOptions(addWorkloadOptions(command, { timeout: "30s" }))
    .addOption(
      new Option(
        "--success <spec>",
        "what else must hold: output, output:REGEX, output-but:REGEX, errors, errors:FILE, http:URL, time:FACTOR; repeatable",
      )
        .argParser((text: string, before: readonly string[]) => [...before, text])
        .default([], "it ends as untouched, and its exercises pass"),
    )
    .option("--start <what>", "all, or a profile or evidence file: nothing beyond it is ever allowed", "all")
    .addOption(
      new Option("--deny <how>", "what denied calls are answered with")
        .choices(["EPERM", "ENOSYS", "kill"] satisfies Deny[])
        .default("EPERM"),
    )
    .addOption(
      new Option(
        "--jobs <n>",
        "runs at the same time (default: one a processor; 1 with --success time, with --ready but no container, or a folder too large to copy)",
      ).argParser(wholeNumber(1, 64)),
    )
    .addOption(
      new Option("--repeat <n>", "failures that stand behind each required syscall")
        .argParser(wholeNumber(1, 20))
        .default(2),
    )
    .addOption(
      new Option("--budget <runs or time>", "stop searching after so many runs, or after so long: 200, 10m")
        .argParser(asArgument(parseBudget))
        .default({}, "none"),
    )
    .addOption(
      new Option("--keep <names>", "allow these without trying; separated by commas, repeatable")
        .argParser(parseKeep)
        .default([], "none"),
    )
    .addOption(
      new Option("--runtime <name>", "keep what this container runtime itself calls, or try that too: none")
        .choices(["none", "runc", "crun"] satisfies RuntimeBase[])
        .default(undefined, "none, with --image runc"),
    )
    .option("--arguments", "narrow socket, ioctl, prctl and others to the argument values that are needed")
    .addOption(
      new Option(
        "--copy <when>",
        "give each run a fresh copy of the working folder; auto: if the target changes it, or it is small",
      )
        .choices(["auto", "always", "never"] satisfies CopyChoice[])
        .default("auto"),
    )
    .addOption(recorderOption())
    .option("--journal <dir>", "where all runs are kept, to go on after an interruption", "seccraft-minimize")
    .option("--fresh", "forget what the journal holds and start over")
    .addOption(
      new Option("--replay <n>", "do run N of the journal once more, and show what happens").argParser(
        wholeNumber(1, 1e9),
      ),
    )
    .option("-o, --output <file>", "write the profile there instead of to stdout")
    .option("--evidence <file>", "save the evidence as well")
    .option("--json", "print the report instead of the profile")
    .addHelpText("after", EXAMPLE)
    .action(async (argv: string[], options: MinimizeCliOptions) => {
      const { runMinimize, runReplay } = await import("../minimize.ts");
      const placed = { ...options, journal: path.resolve(options.journal) };
      process.exitCode = await interruptible(signal =>
        options.replay === undefined
          ? runMinimize(argv, placed, signal)
          : runReplay(options.replay, placed, signal),
      );
    });
}
