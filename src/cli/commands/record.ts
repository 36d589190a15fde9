import process from "node:process";
import { Command, Option } from "commander";
import { parseDuration } from "../../duration.ts";
import type { EvidenceFormat } from "../../output/format.ts";
import type { RuntimeBase } from "../../profile/runtime-base.ts";
import type { LogChannel } from "../../record/complain/protocol.ts";
import type { RecorderChoice } from "../../record/choose.ts";
import { interruptible } from "../interrupt.ts";
import {
  addWorkloadOptions,
  asArgument,
  recorderOption,
  addFormatOptions,
  chosenFormat,
  wholeNumber,
  type WorkloadOptions,
} from "../options.ts";

export interface RecordCliOptions extends WorkloadOptions {
  readonly recorder: RecorderChoice;
  readonly source?: LogChannel | "auto";
  readonly prepare: boolean;
  readonly pid?: number;
  readonly container: readonly string[];
  readonly cgroup: readonly string[];
  readonly runcRoot?: string;
  readonly duration?: number;
  readonly follow?: boolean;
  readonly output?: string;
  readonly out?: string;
  readonly evidence?: string;
  readonly format: EvidenceFormat;
  readonly runtime: RuntimeBase;
}

const EXAMPLE = `
Examples:
  seccraft record -o profile.json -- ls -l /
  seccraft record --pid 4711 --duration 1m --evidence web.json
  seccraft record --follow --cgroup /sys/fs/cgroup/system.slice/nginx.service
  seccraft record --container web --container db --duration 10m --out recorded
  seccraft record --recorder complain -o profile.json -- ./job.sh
`;

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

export function recordCommand(): Command {
  const command = new Command("record")
    .description(
      "watch a command, a running process, containers or cgroups, and print the profile of what they called",
    )
    .argument("[command...]", "the command and its arguments, after --")
    .passThroughOptions();
  addWorkloadOptions(command, { timeout: "none" })
    .addOption(recorderOption("complain"))
    .addOption(
      new Option(
        "--source <name>",
        "where complain mode reads: audit's socket, which no limit of the kernel's log touches, or the kernel's ring buffer",
      ).choices(["auto", "audit", "kernel-log"] satisfies (LogChannel | "auto")[]),
    )
    .option("--no-prepare", "with complain: leave what throttles the log as it is, and say what gets lost")
    .addOption(
      new Option("--pid <pid>", "a process that runs already, with its descendants (as root)").argParser(
        wholeNumber(1, 2 ** 22),
      ),
    )
    .addOption(
      new Option(
        "--container <id>",
        "a running container, by name or id of Docker, runc, crun or containerd; repeatable (as root)",
      )
        .argParser(collect)
        .default([], "none"),
    )
    .addOption(
      new Option("--cgroup <path>", "everything in a cgroup v2 and below; repeatable (as root)")
        .argParser(collect)
        .default([], "none"),
    )
    .option("--runc-root <dir>", "where runc keeps its states, when in none of the usual places")
    .addOption(
      new Option(
        "--duration <time>",
        "how long to watch what runs already (default: until ^C or its end)",
      ).argParser(asArgument(text => parseDuration(text, "--duration"))),
    )
    .option("--follow", "print new syscalls as they appear, instead of a profile at the end")
    .option("-o, --output <file>", "write the result there instead of to stdout")
    .option("--out <dir>", "write a profile and the evidence of each container or cgroup there")
    .option("--evidence <file>", "save the evidence as well, once a second while it grows");
  return addFormatOptions(command)
    .addHelpText("after", EXAMPLE)
    .action(async (argv: string[], given: RecordCliOptions & { json?: true }) => {
      const options = chosenFormat<RecordCliOptions>(given);
      const { runRecord } = await import("../record.ts");
      process.exitCode = await interruptible(signal => runRecord(argv, options, signal));
    });
}
