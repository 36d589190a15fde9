import process from "node:process";
import { Command, Option } from "commander";
import type { EvidenceFormat } from "../../output/format.ts";

export interface AnalyzeCliOptions {
  readonly root: string;
  readonly dlopen: readonly string[];
  readonly resolve: readonly string[];
  readonly assumeExec: readonly string[];
  readonly libraryPath: readonly string[];
  readonly hints?: string;
  readonly strict?: true;
  readonly explain?: string;
  readonly graph?: string;
  readonly phase: "all" | "main";
  readonly cache: boolean;
  readonly format: EvidenceFormat;
  readonly evidence?: string;
  readonly json?: true;
  readonly out?: string;
}

const EXAMPLE = `
Examples:
  seccraft analyze /usr/sbin/nginx > nginx.json
  seccraft analyze --root unpacked-image --format names /usr/bin/server
  seccraft analyze --explain socket /usr/sbin/nginx
  seccraft analyze --dlopen '/usr/lib/lighttpd/*.so' --strict /usr/sbin/lighttpd

A hints file has one hint a line: dlopen LIBRARY, resolve FUNCTION=SYSCALL[,SYSCALL…] (or
FUNCTION=none), assume-exec PROGRAM, library-path FOLDERS.
`;

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

export function analyzeCommand(): Command {
  return new Command("analyze")
    .description("find every syscall that ELF programs can make, without running them, with the way to each")
    .argument("<file...>", "programs, libraries or scripts; with --root, paths inside of it")
    .option("--root <dir>", "folder with the target's file system, such as an unpacked image", "/")
    .addOption(
      listOption("--dlopen <library>", "a library that is opened at run time; * is allowed; repeatable"),
    )
    .addOption(
      listOption(
        "--resolve <function=syscalls>",
        "what an unresolved function can call, or none; repeatable",
      ),
    )
    .addOption(
      listOption("--assume-exec <program>", "analyse this program too, since it is executed; repeatable"),
    )
    .addOption(
      listOption("--library-path <folders>", "LD_LIBRARY_PATH that it gets, separated by colons; repeatable"),
    )
    .option("--hints <file>", "read more of these hints from a file")
    .option("--strict", "exit with 1 when there are gaps")
    .option("--explain <syscall>", "print the ways to a syscall instead of a profile")
    .option("--graph <file>", "with --explain: write the functions that lead to it as a DOT graph")
    .addOption(
      new Option("--phase <phase>", "main: leave out what only runs before the program's main")
        .choices(["all", "main"])
        .default("all"),
    )
    .option("--no-cache", "neither read nor write the cache of earlier analyses")
    .addOption(
      new Option("--format <name>", "form of the result")
        .choices(["oci", "names", "table", "evidence"] satisfies EvidenceFormat[])
        .default("oci"),
    )
    .option("--evidence <file>", "save the evidence too")
    .option("--json", "print the table as JSON")
    .option("-o, --out <file>", "write the result to a file")
    .addHelpText("after", EXAMPLE)
    .action(async (files: string[], options: AnalyzeCliOptions) => {
      const { runAnalyze } = await import("../analyze.ts");
      process.exitCode = await runAnalyze(files, options);
    });
}

function listOption(flags: string, text: string): Option {
  return new Option(flags, text).argParser(collect).default([], "none");
}
