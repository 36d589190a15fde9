import process from "node:process";
import { Command, Option } from "commander";
import { EXIT } from "../../errors.ts";
import { wholeNumber } from "../options.ts";

export interface InitCliOptions {
  readonly image?: string;
  readonly analyze: boolean;
  readonly minimize?: boolean;
  readonly ready?: string;
  readonly exercise: readonly string[];
  readonly runs: number;
  readonly runtime: string;
  readonly out: string;
  readonly output: string;
  readonly force?: boolean;
}

const EXAMPLE = `
Examples:
  seccraft init
  seccraft init --ready tcp:8080 --exercise 'curl -sf http://127.0.0.1:8080/' -- ./server --port 8080
  seccraft init --image nginx:1 --ready tcp:80 --exercise 'curl -sf http://$SECCRAFT_ADDRESS/'
`;

export function initCommand(): Command {
  return new Command("init")
    .description(
      "write seccraft.yaml, which craft reads when it is called without a command; asks when not told",
    )
    .argument("[command...]", "what to profile, after --; without it, you are asked")
    .passThroughOptions()
    .option("--image <image>", "an image to profile; a command takes the place of its own")
    .option("--ready <spec>", "when the target is ready, as for craft")
    .addOption(
      new Option("--exercise <command>", "shell command that puts the ready target to work; repeatable")
        .argParser((text: string, before: readonly string[]) => [...before, text])
        .default([], "none"),
    )
    .addOption(new Option("--runs <n>", "recorded runs").argParser(wholeNumber(1, 100)).default(3))
    .addOption(
      new Option("--runtime <name>", "the container runtime that will load the profile")
        .choices(["none", "runc", "crun"])
        .default("none"),
    )
    .option("--no-analyze", "do not analyse the code of what was seen at work")
    .option("--minimize", "find by trying, at last, what of it is really needed")
    .option("--out <dir>", "folder for profile, evidence and summary", "profile")
    .option("-o, --output <file>", "the file to write", "seccraft.yaml")
    .option("--force", "overwrite it")
    .addHelpText("after", EXAMPLE)
    .action(async (argv: string[], options: InitCliOptions) => {
      const { runInit } = await import("../init.ts");
      await runInit(argv, options);
      process.exitCode = EXIT.ok;
    });
}
