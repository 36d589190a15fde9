import { release } from "node:os";
import process from "node:process";
import { type Command, InvalidArgumentError, Option } from "commander";
import { ABIS, abisOfMachine, type AbiName } from "../abi/abi.ts";
import { CAPABILITIES } from "../abi/capabilities.ts";
import { DOCKER_CAPABILITIES, type Host } from "../profile/document.ts";
import { didYouMean } from "../suggest.ts";

/** The kernel that profiles are resolved for where this machine runs no Linux. */
const USUAL_KERNEL = "6.12";

export interface HostOptions {
  readonly arch?: AbiName;
  readonly cap: readonly string[];
  readonly kernel?: string;
}

/** `CAP_SYS_PTRACE` for `sys_ptrace`. @throws InvalidArgumentError for what is no capability */
export function capability(text: string): string {
  const upper = text.toUpperCase();
  const name = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  if (CAPABILITIES.includes(name)) return name;
  throw new InvalidArgumentError(`There is no such capability${didYouMean(name, CAPABILITIES) || "."}`);
}

/** The host that a Docker profile's conditions are resolved for. */
export function addHostOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--arch <abi>",
        "the host's architecture, such as aarch64 (default: this machine's)",
      ).choices(ABIS.map(abi => abi.name)),
    )
    .addOption(
      new Option(
        "--cap <capability>",
        "a capability of the container besides Docker's usual ones; repeatable",
      )
        .argParser((text: string, before: readonly string[]) => [...before, capability(text)])
        .default([], "none"),
    )
    .option("--kernel <version>", "the host's kernel, such as 6.1 (default: this machine's)");
}

export function hostOf(options: HostOptions): Host {
  const abi = options.arch ?? abisOfMachine(process.arch)[0]?.name ?? "x86_64";
  const kernel = options.kernel ?? (process.platform === "linux" ? release() : USUAL_KERNEL);
  return { abi, capabilities: [...DOCKER_CAPABILITIES, ...options.cap], kernel };
}
