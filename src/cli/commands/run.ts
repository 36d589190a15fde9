import process from "node:process";
import { Command } from "commander";

export interface RunCliOptions {
  readonly profile: string;
  readonly explain?: boolean;
  readonly learn?: boolean;
  readonly output?: string;
}

const EXAMPLE = `
Examples:
  seccraft run --profile profile.json -- ./server
  seccraft run --profile profile.json --explain -- ./server
  seccraft run --profile profile.json --learn -o better.json -- ./server
`;

export function runCommand(): Command {
  return new Command("run")
    .description("run a command under a profile; its exit code stays its own")
    .argument("<command...>", "the command and its arguments, after --")
    .passThroughOptions()
    .requiredOption("--profile <file>", "the profile, in OCI or Docker form")
    .option("--explain", "tell each denial as it happens, with the process and the arguments in words")
    .option("--learn", "let what the profile denies pass, and write the profile that would have been enough")
    .option("-o, --output <file>", "where --learn writes it (default: PROFILE with .learned.json)")
    .addHelpText("after", EXAMPLE)
    .action(async (argv: string[], options: RunCliOptions) => {
      const { runUnderProfile } = await import("../run.ts");
      process.exitCode = await runUnderProfile(argv, options);
    });
}
