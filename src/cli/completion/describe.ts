import type { Argument, Command, Option } from "commander";

/** What may stand where a value is expected. */
export type Values =
  | { readonly kind: "files" }
  | { readonly kind: "folders" }
  | { readonly kind: "command" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "text" };

export interface DescribedOption {
  /** With their dashes, the short one first. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Undefined for a switch. */
  readonly values: Values | undefined;
  /** `<file>`, as it is written. */
  readonly placeholder: string;
  readonly repeatable: boolean;
}

/** A command as a shell or a manual needs to know it. */
export interface Described {
  readonly name: string;
  /** From the program down to it. */
  readonly path: readonly string[];
  readonly description: string;
  readonly usage: string;
  readonly options: readonly DescribedOption[];
  /** What its first argument is; undefined when it takes none. */
  readonly argument: Values | undefined;
  readonly commands: readonly Described[];
}

function valuesOf(name: string, choices: readonly string[] | undefined): Values {
  if (choices !== undefined) return { kind: "words", words: choices };
  switch (name.replace(/[<>[\].]/g, "")) {
    case "file":
    case "files":
    case "path":
    case "elf":
    case "profile":
      return { kind: "files" };
    case "dir":
    case "folder":
      return { kind: "folders" };
    case "command":
      return { kind: "command" };
    default:
      return { kind: "text" };
  }
}

function describeOption(option: Option): DescribedOption {
  const placeholder = /[<[].*$/.exec(option.flags)?.[0] ?? "";
  // A shell command in quotes is not a command word.
  const values =
    placeholder === "<command>" ? ({ kind: "text" } as const) : valuesOf(placeholder, option.argChoices);
  return {
    flags: [option.short, option.long].filter(flag => flag !== undefined),
    description: option.description,
    values: placeholder === "" ? undefined : values,
    placeholder,
    repeatable: option.variadic || /repeatable/.test(option.description),
  };
}

function describeArgument(argument: Argument | undefined): Values | undefined {
  return argument && valuesOf(argument.name(), argument.argChoices);
}

/** The commands below one, with itself at the top, as they were declared. */
export function describe(command: Command, above: readonly string[] = []): Described {
  const path = [...above, command.name()];
  const help = command.createHelp();
  return {
    name: command.name(),
    path,
    description: command.description(),
    usage: command.usage(),
    options: help.visibleOptions(command).map(describeOption),
    argument: describeArgument(command.registeredArguments[0]),
    commands: command.commands.map(child => describe(child, path)),
  };
}

/** All commands, the outermost first. */
export function flatten(described: Described): readonly Described[] {
  return [described, ...described.commands.flatMap(flatten)];
}
