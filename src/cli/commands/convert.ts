import { Command, Option } from "commander";
import { addHostOptions, type HostOptions } from "../host.ts";

export const PROFILE_FORMATS = [
  "oci",
  "docker",
  "crd",
  "crd-v1beta1",
  "kubernetes",
  "configmap",
  "systemd",
  "minijail",
  "c",
  "bpf",
  "names",
] as const;
export type ProfileFormat = (typeof PROFILE_FORMATS)[number];

export interface ConvertCliOptions extends HostOptions {
  readonly to: ProfileFormat;
  readonly name?: string;
  readonly base?: string;
  readonly output?: string;
}

const EXAMPLE = `
Reads OCI, Docker's and Podman's profiles, SeccompProfiles of security-profiles-operator, systemd units, Minijail
policies and evidence. Docker's conditions are resolved for the host. What the other form cannot say is an error.

Examples:
  seccraft convert --to oci --cap SYS_PTRACE default.json
  seccraft convert --to crd --name web profile.json
  seccraft convert --to systemd -o filter.conf profile.json
`;

export function convertCommand(): Command {
  const command = new Command("convert")
    .description("write a profile in another form")
    .argument("<file>", "what to convert; - is standard input")
    .addOption(
      new Option("--to <format>", "the form to write; bpf is what bubblewrap's --seccomp takes")
        .choices(PROFILE_FORMATS)
        .makeOptionMandatory(),
    )
    .option("--name <name>", "of the Kubernetes object (default: the file's name)")
    .option("--base <file>", "the profile that a SeccompProfile's baseProfileName stands for")
    .option("-o, --output <file>", "write the result there instead of to stdout");
  return addHostOptions(command)
    .addHelpText("after", EXAMPLE)
    .action(async (file: string, options: ConvertCliOptions) => {
      const { runConvert } = await import("../convert.ts");
      await runConvert(file, options);
    });
}
