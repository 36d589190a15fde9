import { Option, type Command } from "commander";
import { capability } from "./host.ts";

export type EngineChoice = "auto" | "native" | "docker" | "runc";

/** As commander hands them over; lists are empty when an option was not given. */
export interface ContainerCliOptions {
  readonly image?: string;
  readonly engine: EngineChoice;
  readonly env: readonly string[];
  readonly publish: readonly string[];
  readonly volume: readonly string[];
  readonly tmpfs: readonly string[];
  readonly capAdd: readonly string[];
  /** Undefined: ALL. */
  readonly capDrop?: readonly string[];
  readonly user?: string;
  readonly readOnly?: boolean;
  readonly entrypoint?: string;
  readonly workdir?: string;
  readonly network?: string;
  readonly newPrivileges?: boolean;
  /** False: without the image's. */
  readonly healthcheck: boolean;
}

function list(flags: string, description: string, parse = (text: string): string => text): Option {
  return new Option(flags, description)
    .argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), parse(text)])
    .default([], "none");
}

function capabilityOrAll(text: string): string {
  return text.toUpperCase() === "ALL" ? "ALL" : capability(text);
}

/** The options of `docker run` that matter to a profile, under the same names. */
export function addContainerOptions(command: Command): Command {
  return command
    .optionsGroup("Options for a container:")
    .option(
      "--image <image>",
      "an image instead of a command: a name that Docker knows, or a docker save archive, an OCI layout, an OCI bundle or a root folder",
    )
    .addOption(
      new Option("--engine <name>", "what runs it: native without an image, else runc or docker")
        .choices(["auto", "native", "docker", "runc"] satisfies EngineChoice[])
        .default("auto"),
    )
    .addOption(list("-e, --env <name=value>", "environment variable; repeatable"))
    .addOption(list("-p, --publish <port>", "port that this machine forwards (Docker); repeatable"))
    .addOption(list("-v, --volume <source:target[:ro]>", "folder or volume; repeatable"))
    .addOption(list("--tmpfs <path[:options]>", "file system in memory; repeatable"))
    .addOption(list("--cap-add <name>", "capability that it needs; repeatable", capabilityOrAll))
    .addOption(
      list("--cap-drop <name>", "capability to take away; repeatable", capabilityOrAll).default(
        undefined,
        "ALL",
      ),
    )
    .option("-u, --user <user>", "user, or user:group, instead of the image's")
    .option("--read-only", "make its root file system read-only")
    .option("--entrypoint <program>", "instead of the image's")
    .option("-w, --workdir <path>", "instead of the image's")
    .option("--network <name>", "network (runc: host or none)")
    .option("--new-privileges", "without no_new_privs")
    .option("--no-healthcheck", "without the image's health check")
    .optionsGroup("Options:");
}
