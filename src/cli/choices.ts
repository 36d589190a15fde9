import { type Command, InvalidArgumentError } from "commander";
import { didYouMean } from "../suggest.ts";

/** Lets options and arguments with a closed set of values, those of subcommands too, say which of them was meant. */
export function suggestChoices(command: Command): Command {
  for (const each of [...command.options, ...command.registeredArguments]) {
    const { argChoices: choices, parseArg } = each;
    if (choices === undefined || parseArg === undefined) continue;
    each.argParser((text: string, before: unknown) => {
      if (!choices.includes(text))
        throw new InvalidArgumentError(
          `It must be one of ${choices.join(", ")}${didYouMean(text, choices) || "."}`,
        );
      return parseArg.call(each, text, before);
    });
  }
  for (const child of command.commands) suggestChoices(child);
  return command;
}
