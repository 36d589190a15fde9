import process from "node:process";
import { Command, Option } from "commander";
import { addHostOptions, type HostOptions } from "../host.ts";

export interface DiffCliOptions extends HostOptions {
  readonly format: "text" | "markdown" | "json";
  readonly output?: string;
}

export function diffCommand(): Command {
  const command = new Command("diff")
    .description("what one profile allows that another does not, call by call and argument by argument")
    .argument("<a>", "the old profile or evidence file")
    .argument("<b>", "the new one")
    .addOption(
      new Option("--format <format>", "of the result").choices(["text", "markdown", "json"]).default("text"),
    )
    .option("--json", "short for --format json")
    .option("-o, --output <file>", "write the result there instead of to stdout");
  return addHostOptions(command)
    .addHelpText("after", "\nExample:\n  seccraft diff --format markdown old.json new.json\n")
    .action(async (a: string, b: string, given: DiffCliOptions & { json?: boolean }) => {
      const { runDiff } = await import("../diff.ts");
      process.exitCode = await runDiff(a, b, given.json === true ? { ...given, format: "json" } : given);
    });
}

export interface ExplainCliOptions extends HostOptions {
  readonly json?: true;
  readonly output?: string;
}

export function explainCommand(): Command {
  const command = new Command("explain")
    .description("say in words what a profile lets through and stops, and with evidence why")
    .argument("<file>", "a profile or evidence file")
    .argument("[syscall]", "only this call")
    .option("--json", "print JSON: every call of the native ABI, or this one on every ABI")
    .option("-o, --output <file>", "write the result there instead of to stdout");
  return addHostOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  seccraft explain profile.json\n  seccraft explain evidence.json socket\n",
    )
    .action(async (file: string, name: string | undefined, options: ExplainCliOptions) => {
      const { runExplain } = await import("../diff.ts");
      await runExplain(file, name, options);
    });
}
