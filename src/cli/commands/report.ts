import process from "node:process";
import { Command, Option } from "commander";
import type { PolicyName } from "../../profile/policies.ts";
import { EXIT } from "../../errors.ts";

export interface ReportCliOptions {
  readonly evidence: readonly string[];
  readonly profile?: string;
  readonly policy?: PolicyName;
  readonly title?: string;
  readonly output?: string;
}

const EXAMPLE = `
Examples:
  seccraft report --evidence profile/evidence.json -o report.html
  seccraft report --evidence monday.json --evidence tuesday.json --profile mine.json -o report.html
`;

export function reportCommand(): Command {
  return new Command("report")
    .description("make one HTML page of what a profile allows and why, that needs no network")
    .addOption(
      new Option("--evidence <file>", "evidence of seccraft; repeatable, joined")
        .argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text])
        .makeOptionMandatory(),
    )
    .option("--profile <file>", "the profile to hold it against (default: what the evidence justifies)")
    .addOption(
      new Option("--policy <name>", "how to derive the profile when none is given").choices([
        "observed",
        "balanced",
        "static",
      ] satisfies PolicyName[]),
    )
    .option("--title <text>", "what the page is about (default: the target of the evidence)")
    .option("-o, --output <file>", "write the page there instead of to stdout")
    .addHelpText("after", EXAMPLE)
    .action(async (options: ReportCliOptions) => {
      const { runReport } = await import("../report.ts");
      await runReport(options);
      process.exitCode = EXIT.ok;
    });
}
