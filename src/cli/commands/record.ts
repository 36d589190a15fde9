import process from "node:process";
import { Command, Option } from "commander";
import { parseDuration } from "../../duration.ts";
import type { EvidenceFormat } from "../../output/format.ts";
import type { RecorderChoice } from "../../record/choose.ts";
import { interruptible } from "../interrupt.ts";
import {
  addWorkloadOptions,
  asArgument,
  recorderOption,
  wholeNumber,
  type WorkloadOptions,
} from "../options.ts";

export interface RecordCliOptions extends WorkloadOptions {
  readonly recorder: RecorderChoice;
  readonly pid?: number;
  readonly cgroup?: string;
  readonly duration?: number;
  readonly follow?: boolean;
  readonly output?: string;
  readonly evidence?: string;
  readonly format: EvidenceFormat;
}

const EXAMPLE = `
Examples:
  seccraft record -o profile.json -- ls -l /
  seccraft record --pid 4711 --duration 1m --evidence web.json
  seccraft record --follow --cgroup /sys/fs/cgroup/system.slice/nginx.service
`;

export function recordCommand(): Command {
  const command = new Command("record")
    .description("watch a command, a running process or a cgroup, and print the profile of what it called")
    .argument("[command...]", "the command and its arguments, after --")
    .passThroughOptions();
  return addWorkloadOptions(command, { timeout: "none" })
    .addOption(recorderOption())
    .addOption(
      new Option("--pid <pid>", "a process that runs already, with its descendants (as root)")
        .argParser(wholeNumber(1, 2 ** 22))
        .conflicts("cgroup"),
    )
    .option("--cgroup <path>", "everything in a cgroup v2 and below (as root)")
    .addOption(
      new Option(
        "--duration <time>",
        "how long to watch what runs already (default: until ^C or its end)",
      ).argParser(asArgument(text => parseDuration(text, "--duration"))),
    )
    .option("--follow", "print new syscalls as they appear, instead of a profile at the end")
    .option("-o, --output <file>", "write the result there instead of to stdout")
    .option("--evidence <file>", "save the evidence as well, once a second while it grows")
    .addOption(
      new Option("--format <name>", "of the result")
        .choices(["oci", "names", "table", "evidence"] satisfies EvidenceFormat[])
        .default("oci"),
    )
    .addHelpText("after", EXAMPLE)
    .action(async (argv: string[], options: RecordCliOptions) => {
      const { runRecord } = await import("../record.ts");
      process.exitCode = await interruptible(signal => runRecord(argv, options, signal));
    });
}
