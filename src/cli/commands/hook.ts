import process from "node:process";
import { Command, Option } from "commander";
import { wholeNumber } from "../options.ts";

export interface HookCliOptions {
  readonly print?: boolean;
  readonly keepGoing?: boolean;
  readonly evidence?: string;
  readonly attach?: number;
  readonly to?: string;
  readonly from?: string;
  readonly container?: string;
}

const EXAMPLE = `
Examples:
  seccraft hook --print | sudo tee /etc/containers/oci/hooks.d/seccraft.json
  sudo podman run --annotation io.containers.trace-syscall=of:/tmp/profile.json IMAGE
`;

export function hookCommand(): Command {
  return new Command("hook")
    .description(
      "record a container as its OCI hook: the annotation io.containers.trace-syscall=of:/profile.json[;if:/base.json] says where the profile goes",
    )
    .summary("record a container as its OCI hook, in place of oci-seccomp-bpf-hook")
    .option("--print", "print the file for hooks.d of Podman and CRI-O, and do nothing else")
    .option("--keep-going", "let the container start although it cannot be recorded; it is said on stderr")
    .option("--evidence <folder>", "write the evidence of each container there as well, as ID.json")
    .addOption(new Option("-s", "of oci-seccomp-bpf-hook; it makes no difference").hideHelp())
    .addOption(new Option("--attach <pid>").argParser(wholeNumber(1, 2 ** 22)).hideHelp())
    .addOption(new Option("--to <file>").hideHelp())
    .addOption(new Option("--from <file>").hideHelp())
    .addOption(new Option("--container <id>").hideHelp())
    .addHelpText("after", EXAMPLE)
    .action(async (options: HookCliOptions) => {
      const { runHook } = await import("../hook.ts");
      process.exitCode = await runHook(options);
    });
}
