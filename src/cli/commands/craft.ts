import process from "node:process";
import path from "node:path";
import { Command, Option } from "commander";
import type { RecorderChoice } from "../../record/choose.ts";
import type { PolicyName } from "../../profile/policies.ts";
import type { RuntimeBase } from "../../profile/runtime-base.ts";
import { interruptible } from "../interrupt.ts";
import { addContainerOptions, type ContainerCliOptions } from "../container-options.ts";
import { addWorkloadOptions, recorderOption, wholeNumber, type WorkloadOptions } from "../options.ts";

interface CraftCliOptions extends WorkloadOptions, ContainerCliOptions {
  readonly out?: string;
  readonly runs: number;
  readonly recorder: RecorderChoice;
  readonly runtime?: RuntimeBase;
  readonly errno: string;
  readonly policy: PolicyName;
  readonly analyze: boolean;
  readonly minimize?: boolean;
  readonly project?: string;
  readonly json?: true;
}

const EXAMPLE = `
Examples:
  seccraft craft -- ls -l /
  seccraft craft                       # as seccraft.yaml says; see seccraft init
  seccraft craft --out profile --ready tcp:8080 --exercise 'curl -sf http://127.0.0.1:8080/' -- ./server --port 8080
  sudo seccraft craft --recorder complain --out profile -- ./job.sh
  seccraft craft --out profile --image nginx:1 --ready tcp:80 --exercise 'curl -sf http://$SECCRAFT_ADDRESS/'
`;

export function craftCommand(): Command {
  const command = new Command("craft")
    .description(
      "watch a command work, derive its profile, prove it under enforcement, and say why each syscall is in it",
    )
    .argument(
      "[command...]",
      "the command and its arguments, after --; without it and --image, what seccraft.yaml says; with --image it takes the place of the image's",
    )
    .passThroughOptions();
  return addContainerOptions(addWorkloadOptions(command, { timeout: "30s" }))
    .option(
      "--out <dir>",
      "write profile.json, evidence.json, summary.txt and unobserved.txt there (default: the profile to stdout)",
    )
    .addOption(
      new Option("--runs <n>", "recorded runs before the first profile")
        .argParser(wholeNumber(1, 100))
        .default(1),
    )
    .addOption(recorderOption("complain"))
    .addOption(
      new Option(
        "--runtime <name>",
        "add what this container runtime itself calls after it has loaded the profile",
      )
        .choices(["none", "runc", "crun"] satisfies RuntimeBase[])
        .default(undefined, "none, with --image runc"),
    )
    .addOption(
      new Option(
        "--policy <name>",
        "observed: what ran; balanced: and its low-risk relatives that the code can reach; static: all that it can reach",
      )
        .choices(["observed", "balanced", "static"] satisfies PolicyName[])
        .default("observed"),
    )
    .option(
      "--minimize",
      "then find by trying what of it is really needed; --out also gets minimal.json and the journal",
    )
    .option("--no-analyze", "do not analyse the code of the programs that were seen at work")
    .option("--json", "print the summary as JSON instead of the profile, which --out still gets")
    .option("--project <file>", "read this instead of seccraft.yaml when there is no command")
    .addOption(new Option("--errno <name>", "what denied calls are answered with").default("EPERM"))
    .addHelpText("after", EXAMPLE)
    .action(async (argv: string[], options: CraftCliOptions, self: Command) => {
      const { runCraft, withProject } = await import("../craft.ts");
      const chosen =
        argv.length > 0 || options.image !== undefined ? { argv, options } : withProject(options, self);
      const { out } = chosen.options;
      await interruptible(signal =>
        runCraft(
          chosen.argv,
          { ...chosen.options, ...(out === undefined ? {} : { out: path.resolve(out) }) },
          signal,
        ),
      );
      process.exitCode = 0;
    });
}

export type { CraftCliOptions };
