import process from "node:process";
import { Command, InvalidArgumentError, Option } from "commander";
import type { LintTarget, Severity } from "../../profile/lint/rule.ts";
import { addHostOptions, type HostOptions } from "../host.ts";

export interface LintCliOptions extends HostOptions {
  readonly target?: LintTarget;
  readonly runtimeVersion: readonly string[];
  readonly libc?: string;
  readonly suppressions?: string;
  readonly base?: string;
  readonly ignore: readonly (readonly [rule: string, reason: string])[];
  readonly failOn: Severity;
  readonly format: "text" | "json" | "sarif";
  readonly fix?: boolean;
  readonly score?: boolean;
  readonly rules?: boolean;
  readonly output?: string;
}

const EXAMPLE = `
A rule's comment may say why a finding is intended: "seccraft-ignore RULE: REASON". A file of suppressions has lines
RULE [FILE]: REASON.

Examples:
  seccraft lint profile.json
  seccraft lint --target containerd --fail-on error profiles/*.json
  seccraft lint --runtime-version 1.1.5 --runtime-version libseccomp=2.5.4 --libc glibc=2.36 profile.json
  seccraft lint --format sarif -o lint.sarif profile.json
`;

function suppression(text: string, before: LintCliOptions["ignore"]): LintCliOptions["ignore"] {
  const match = /^([a-z0-9-]+)=(.+)$/.exec(text);
  if (match === null) throw new InvalidArgumentError("it must be RULE=REASON.");
  return [...before, [match[1] ?? "", match[2] ?? ""]];
}

export function lintCommand(): Command {
  const command = new Command("lint")
    .description("find what is wrong, risky or not what it seems in profiles")
    .argument("[file...]", "profiles in any form that convert reads, or evidence")
    .addOption(
      new Option("--target <reader>", "who will read the profile").choices([
        "docker",
        "containerd",
        "podman",
        "cri-o",
        "systemd",
      ] satisfies LintTarget[]),
    )
    .addOption(
      new Option(
        "--runtime-version <[name=]version>",
        "a version that reads the profile: of runc, or with name= of crun, youki, docker or libseccomp; repeatable",
      )
        .argParser((text: string, before: readonly string[]) => [...before, text])
        .default([], "current ones"),
    )
    .option("--libc <name=version>", "the C library of the programs, such as glibc=2.36 or musl=1.2.5")
    .addOption(
      new Option("--ignore <rule=reason>", "do not report a rule; repeatable")
        .argParser(suppression)
        .default([], "none"),
    )
    .option("--suppressions <file>", "do not report what this file declares to be intended")
    .option("--base <file>", "the profile that a SeccompProfile's baseProfileName stands for")
    .addOption(
      new Option("--fail-on <severity>", "exit with 1 from this severity on")
        .choices(["error", "warning", "note"] satisfies Severity[])
        .default("warning"),
    )
    .addOption(
      new Option("--format <format>", "of the findings").choices(["text", "json", "sarif"]).default("text"),
    )
    .option("--json", "short for --format json")
    .option("--fix", "repair the files where that does not change what they mean")
    .option("--score", "print how much each profile leaves open, compared with Docker's default")
    .option("--rules", "list the rules and end")
    .option("-o, --output <file>", "write the findings there instead of to stdout");
  return addHostOptions(command)
    .addHelpText("after", EXAMPLE)
    .action(async (files: string[], given: LintCliOptions & { json?: boolean }) => {
      const { runLint } = await import("../lint.ts");
      const options: LintCliOptions = given.json === true ? { ...given, format: "json" } : given;
      process.exitCode = await runLint(files, options);
    });
}
