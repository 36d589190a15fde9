import { Command, Option } from "commander";
import { ABIS, type AbiName } from "../../abi/abi.ts";
import { addHostOptions, type HostOptions } from "../host.ts";

export interface CompileCliOptions extends HostOptions {
  readonly format: "bytes" | "c" | "asm" | "dot";
  readonly frequencies?: string;
  readonly stub: boolean;
  readonly abi?: readonly AbiName[];
  readonly output?: string;
}

export interface DisasmCliOptions {
  readonly bigEndian?: boolean;
  readonly format: "asm" | "dot";
}

const NAMES = ABIS.map(abi => abi.name);

export function compileCommand(): Command {
  const command = new Command("compile")
    .description("compile a profile to the BPF that the kernel loads")
    .argument("<file>", "a profile or evidence file")
    .addOption(
      new Option(
        "--format <format>",
        "struct sock_filter[] as it is or as C, instructions as text, or a graph",
      )
        .choices(["bytes", "c", "asm", "dot"])
        .default("bytes"),
    )
    .option("--frequencies <file>", "evidence with counts: calls that are made often are decided first")
    .addOption(
      new Option(
        "--abi <abi>",
        "an ABI that the filter is for, x32 with x86_64; calls on others are killed; repeatable (default: all that the profile lists)",
      )
        .choices(NAMES)
        .argParser((text: string, before: readonly AbiName[] | undefined) => [
          ...(before ?? []),
          ...NAMES.filter(name => name === text),
        ]),
    )
    .option("--no-stub", "without runc's ENOSYS for numbers above all that the profile names")
    .option("-o, --output <file>", "write the result there instead of to stdout");
  return addHostOptions(command)
    .addHelpText(
      "after",
      "\nExample:\n  seccraft compile profile.json -o filter.bpf && bwrap --seccomp 9 … 9<filter.bpf\n",
    )
    .action(async (file: string, options: CompileCliOptions) => {
      const { runCompile } = await import("../compile.ts");
      await runCompile(file, options);
    });
}

export function disasmCommand(): Command {
  return new Command("disasm")
    .description("print the instructions of a compiled filter")
    .argument("<file>", "struct sock_filter[]; - is standard input")
    .option("--big-endian", "the bytes are for a big-endian machine")
    .addOption(new Option("--format <format>", "text or a graph").choices(["asm", "dot"]).default("asm"))
    .addHelpText("after", "\nExample:\n  seccraft compile profile.json | seccraft disasm -\n")
    .action(async (file: string, options: DisasmCliOptions) => {
      const { runDisasm } = await import("../compile.ts");
      runDisasm(file, options);
    });
}
