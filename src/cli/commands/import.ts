import process from "node:process";
import { Command, InvalidArgumentError, Option } from "commander";
import type { AbiName } from "../../abi/abi.ts";
import type { EvidenceFormat } from "../../output/format.ts";
import type { RuntimeBase } from "../../profile/runtime-base.ts";
import { interruptible } from "../interrupt.ts";
import { asArgument, addFormatOptions, chosenFormat } from "../options.ts";
import { parseMoment } from "../moment.ts";

export interface ImportCliOptions {
  readonly pid: readonly number[];
  readonly comm: readonly string[];
  readonly exe: readonly string[];
  readonly container: readonly string[];
  readonly since?: number;
  readonly until?: number;
  readonly machine: AbiName;
  readonly follow?: boolean;
  readonly output?: string;
  readonly evidence?: string;
  readonly format: EvidenceFormat;
  readonly runtime: RuntimeBase;
}

const EXAMPLE = `
The kind of each file is told by its content: syslog, kern.log, dmesg, auditd's log, ausearch, journalctl -o json,
strace (with or without -f, -ff, -c, -y, -t, …), security-profiles-operator's log, evidence, profiles; packed by gzip
or zstd or not.

Examples:
  seccraft import --comm nginx /var/log/kern.log
  journalctl -k -o json | seccraft import --since 10m -
  strace -f -o trace ls && seccraft import trace
  seccraft import --follow --container web --runtime runc -o profile.json /dev/kmsg
`;

/** Adds up values of an option that may be repeated. */
function collect<T>(parse: (text: string) => T): (text: string, before: readonly T[]) => readonly T[] {
  return (text, before) => [...before, parse(text)];
}

function parsePid(text: string): number {
  const pid = Number(text);
  if (!Number.isInteger(pid) || pid < 1 || pid > 2 ** 22)
    throw new InvalidArgumentError("it must be a process id.");
  return pid;
}

export function importCommand(): Command {
  const command = new Command("import")
    .description("read logs, traces, evidence and profiles, and print the profile of what they show")
    .argument("<file...>", "what to read; - is standard input, /dev/kmsg the kernel's own log")
    .addOption(
      new Option("--pid <pid>", "only this process; repeatable")
        .argParser(collect(parsePid))
        .default([], "all"),
    )
    .addOption(
      new Option("--comm <name>", "only processes of this name, at most 15 bytes; repeatable")
        .argParser(collect(text => Buffer.from(text).subarray(0, 15).toString()))
        .default([], "all"),
    )
    .addOption(
      new Option("--exe <path>", "only this executable, by path or last part; repeatable")
        .argParser(collect(text => text))
        .default([], "all"),
    )
    .addOption(
      new Option(
        "--container <name>",
        "only this container, where the log tells it, or while the log grows its process does; repeatable",
      )
        .argParser(collect(text => text))
        .default([], "all"),
    )
    .addOption(
      new Option(
        "--since <time>",
        "2026-01-31, 2026-01-31T12:00:00Z, @SECONDS, or 10m for ten minutes ago",
      ).argParser(asArgument(text => parseMoment(text, "--since"))),
    )
    .addOption(
      new Option("--until <time>", "the same").argParser(asArgument(text => parseMoment(text, "--until"))),
    )
    .addOption(
      new Option("--machine <abi>", "where strace or the operator ran, whose logs do not tell it")
        .choices(["x86_64", "aarch64", "riscv64", "ppc64le", "s390x", "loongarch64"] satisfies AbiName[])
        .default("x86_64"),
    )
    .option("--follow", "print new syscalls as they are appended, until ^C")
    .option("-o, --output <file>", "write the result there instead of to stdout")
    .option("--evidence <file>", "save the evidence as well");
  return addFormatOptions(command)
    .addHelpText("after", EXAMPLE)
    .action(async (files: string[], given: ImportCliOptions & { json?: true }) => {
      const options = chosenFormat<ImportCliOptions>(given);
      const { runImport } = await import("../import.ts");
      process.exitCode = await interruptible(signal => runImport(files, options, signal));
    });
}
