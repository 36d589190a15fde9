import process from "node:process";
import { Command, Option } from "commander";
import { addHostOptions, type HostOptions } from "../host.ts";

export interface CheckCliOptions extends HostOptions {
  readonly profile?: string;
  readonly project?: string;
  readonly evidence: readonly string[];
  readonly binary: readonly string[];
  readonly image?: string;
  readonly root: string;
  readonly certain?: true;
  readonly format: "text" | "markdown" | "json";
  readonly output?: string;
}

const EXAMPLE = `
Examples:
  seccraft check
  seccraft check --profile profile.json --evidence evidence.json
  seccraft check --profile profile.json --binary build/server --format markdown >> "$GITHUB_STEP_SUMMARY"
  seccraft check --profile profile.json --image server.tar
`;

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

export function checkCommand(): Command {
  const command = new Command("check")
    .description("does a profile still cover what a program did (evidence) or can do (binary, image)?")
    .option("--profile <file>", "the profile (default: that of seccraft.yaml)")
    .option(
      "--project <file>",
      "where the profile, and the evidence or image when none is given, are read from (default: seccraft.yaml)",
    )
    .addOption(
      new Option("--evidence <file>", "what was seen; repeatable").argParser(collect).default([], "none"),
    )
    .addOption(
      new Option("--binary <file>", "a program whose calls are found by static analysis; repeatable")
        .argParser(collect)
        .default([], "none"),
    )
    .option(
      "--image <image>",
      "an image whose programs are analysed, those that it starts or --binary's: a name that Docker knows, or a docker save archive, an OCI layout, an OCI bundle or a root folder",
    )
    .option(
      "--certain",
      "leave out calls that are stopped with some arguments alone when it is not known with which they are made",
    )
    .option("--root <dir>", "folder with the binary's file system, such as an unpacked image", "/")
    .addOption(
      new Option("--format <format>", "of the result").choices(["text", "markdown", "json"]).default("text"),
    )
    .option("--json", "short for --format json")
    .option("-o, --output <file>", "write the result there instead of to stdout");
  return addHostOptions(command)
    .addHelpText("after", EXAMPLE)
    .action(async (given: CheckCliOptions & { json?: boolean }) => {
      const { runCheck } = await import("../check.ts");
      process.exitCode = await runCheck(given.json === true ? { ...given, format: "json" } : given);
    });
}
