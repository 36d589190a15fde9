import { Command, Option } from "commander";
import { ABIS, type AbiName } from "../../abi/abi.ts";
import { addHostOptions, type HostOptions } from "../host.ts";

export interface PortCliOptions extends HostOptions {
  readonly to?: AbiName;
  readonly libcSafe?: boolean;
  readonly output?: string;
}

const EXAMPLE = `
What was changed is told on stderr, each change with its reason.

Examples:
  seccraft port profile.json --to aarch64 -o profile-arm64.json
  seccraft port profile.json --libc-safe
`;

export function portCommand(): Command {
  const command = new Command("port")
    .description(
      "carry a profile over to another architecture, or make it last with other C libraries and kernels",
    )
    .argument("<file>", "a profile or evidence file, for --arch")
    .addOption(new Option("--to <abi>", "the architecture to carry it to").choices(ABIS.map(abi => abi.name)))
    .option("--libc-safe", "allow the twins that other C libraries use first; risky ones answer ENOSYS")
    .option("-o, --output <file>", "write the profile there instead of to stdout");
  return addHostOptions(command)
    .addHelpText("after", EXAMPLE)
    .action(async (file: string, options: PortCliOptions) => {
      const { runPort } = await import("../port.ts");
      await runPort(file, options);
    });
}
