import { type Described, type DescribedOption, flatten, type Values } from "./describe.ts";

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

function values(offered: Values): string {
  switch (offered.kind) {
    case "files":
      return " -r -F";
    case "folders":
      return ` -x -a '(__fish_complete_directories)'`;
    case "command":
      return ` -x -a '(__fish_complete_command)'`;
    case "words":
      return ` -x -a ${quote(offered.words.join(" "))}`;
    case "text":
      return " -x";
  }
}

function optionLine(root: string, condition: string, option: DescribedOption): string {
  const flags = option.flags.map(flag =>
    flag.startsWith("--") ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`,
  );
  const value = option.values === undefined ? "" : values(option.values);
  return `complete -c ${root} -n ${condition}${flags.join("")}${value} -d ${quote(option.description)}`;
}

function commandLines(root: string, command: Described): string[] {
  const condition = quote(`__${root}_at ${command.path.slice(1).join(" ")}`.trimEnd());
  const lines = command.options.map(option => optionLine(root, condition, option));
  for (const { name, description } of command.commands)
    lines.push(`complete -c ${root} -n ${condition} -f -a ${name} -d ${quote(description)}`);
  if (command.argument !== undefined && command.argument.kind !== "text") {
    const offered = command.argument.kind === "files" ? " -F" : values(command.argument);
    lines.push(`complete -c ${root} -n ${condition}${offered}`);
  }
  return lines;
}

/** A completion script for fish 3 or newer. */
export function fishCompletion(root: Described): string {
  const commands = flatten(root).filter(({ path }) => path.length > 1);
  return `# fish completion for ${root.name}; load it with: ${root.name} completion fish | source
# Whether the words so far lead to exactly this command.
function __${root.name}_at
    set -l at
    for word in (commandline -opc)[2..]
        switch "$at $word"
${commands.map(({ path }) => `            case ${quote(path.length === 2 ? ` ${path[1]}` : path.slice(1).join(" "))}\n                set at (string trim -- "$at $word")`).join("\n")}
        end
    end
    test "$at" = "$argv"
end
complete -c ${root.name} -f
${flatten(root)
  .flatMap(command => commandLines(root.name, command))
  .join("\n")}
`;
}
