import process from "node:process";
import { Command, Option } from "commander";
import { ABIS, type AbiName } from "../../abi/abi.ts";
import { addHostOptions, type HostOptions } from "../host.ts";

export interface SimulateCliOptions extends HostOptions {
  readonly abi?: AbiName;
  readonly strace?: string;
  readonly json?: boolean;
  readonly path?: boolean;
}

const EXAMPLE = `
Arguments are numbers or the names of the manuals. Without a syscall, calls are read from standard input, one a line.

Examples:
  seccraft simulate profile.json socket AF_INET SOCK_STREAM 0
  seccraft simulate profile.json clone 'CLONE_NEWUSER|SIGCHLD'
  strace -f -o trace ./server; seccraft simulate profile.json --strace trace
`;

export function simulateCommand(): Command {
  const command = new Command("simulate")
    .description("what a profile does with a call, which rule says so, and the filter's way to it")
    .argument("<file>", "a profile or evidence file")
    .argument("[call...]", "the syscall and its arguments")
    .addOption(
      new Option("--abi <name>", "the ABI of the call, such as i386 (default: the host's)").choices(
        ABIS.map(abi => abi.name),
      ),
    )
    .option("--strace <file>", "take the calls from a log of strace: which of them would have been stopped?")
    .option("--path", "print the instructions of the filter that are executed")
    .option("--json", "print the result as JSON");
  return addHostOptions(command)
    .addHelpText("after", EXAMPLE)
    .action(async (file: string, words: string[], options: SimulateCliOptions) => {
      const { runSimulate } = await import("../simulate.ts");
      process.exitCode = await runSimulate(file, words, options);
    });
}
