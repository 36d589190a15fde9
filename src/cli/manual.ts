import { VERSION } from "../version.ts";
import { type Described, type DescribedOption, flatten } from "./completion/describe.ts";
import { TOPICS } from "./topics.ts";

/** Text that roff prints as it is. */
function plain(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^(?=[.'])/gm, "\\&");
}

function optionEntry({ flags, placeholder, description }: DescribedOption): string {
  const written = flags.map(flag => `\\fB${plain(flag)}\\fR`).join(", ");
  const value = placeholder === "" ? "" : ` \\fI${plain(placeholder.replace(/[<>]/g, ""))}\\fR`;
  return `.TP\n${written}${value}\n${plain(description)}`;
}

function verbatim(text: string): string {
  return `.nf\n${plain(text.trimEnd())}\n.fi`;
}

function page(command: Described, examples: string): string {
  const name = command.path.join("-");
  const shown = command.path.join(" ");
  const parts = [
    `.TH ${name.toUpperCase()} 1 "" "seccraft ${VERSION}" "seccraft manual"`,
    `.SH NAME\n${plain(name)} \\- ${plain(command.description.replace(/\.$/, ""))}`,
    `.SH SYNOPSIS\n\\fB${plain(shown)}\\fR ${plain(command.usage)}`,
  ];
  if (command.commands.length > 0) {
    const entries = command.commands.map(
      child => `.TP\n\\fB${plain(child.name)}\\fR\n${plain(child.description)}`,
    );
    parts.push(`.SH COMMANDS\n${entries.join("\n")}`);
  }
  if (command.options.length > 0) parts.push(`.SH OPTIONS\n${command.options.map(optionEntry).join("\n")}`);
  if (examples !== "") parts.push(`.SH EXAMPLES\n${verbatim(examples)}`);
  if (command.path.length === 1) {
    for (const { name: topic, summary, text } of TOPICS)
      parts.push(`.SH ${topic.toUpperCase()}\n${plain(summary)}\n.PP\n${verbatim(text)}`);
  }
  const others =
    command.path.length === 1 ? command.commands.map(({ path }) => path.join("-")) : ["seccraft"];
  parts.push(`.SH SEE ALSO\n${others.map(other => `\\fB${plain(other)}\\fR(1)`).join(",\n")}`);
  return `${parts.join("\n")}\n`;
}

/**
 * A manual page for each command, by file name.
 * @param examples gives the examples of a command by its path, such as `seccraft craft`
 */
export function manualPages(
  root: Described,
  examples: (path: string) => string,
): ReadonlyMap<string, string> {
  return new Map(
    flatten(root).map(command => [
      `${command.path.join("-")}.1`,
      page(command, examples(command.path.join(" "))),
    ]),
  );
}
