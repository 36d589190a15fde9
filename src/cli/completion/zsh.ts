import type { Described, DescribedOption, Values } from "./describe.ts";

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** For the brackets of _arguments. */
function bracketed(text: string): string {
  return text.replace(/[[\]:\\]/g, "\\$&");
}

function action(values: Values): string {
  switch (values.kind) {
    case "files":
      return "_files";
    case "folders":
      return "_files -/";
    case "command":
      return "_normal";
    case "words":
      return `(${values.words.join(" ")})`;
    case "text":
      return " ";
  }
}

function optionSpec({ flags, description, values, placeholder, repeatable }: DescribedOption): string {
  const name = placeholder.replace(/[<>[\].]/g, "");
  const value = values === undefined ? "" : `:${bracketed(name)}:${action(values)}`;
  const tail = quote(`[${bracketed(description)}]${value}`);
  if (repeatable) return flags.map(flag => quote("*") + flag + tail).join(" ");
  const [only = ""] = flags;
  return flags.length === 1
    ? `${only}${tail}`
    : `${quote(`(${flags.join(" ")})`)}{${flags.join(",")}}${tail}`;
}

function argumentSpec(values: Values | undefined): string[] {
  if (values === undefined) return [];
  if (values.kind === "command") return [quote("*::: :_normal")];
  return [quote(`*: :${action(values)}`)];
}

function functionName(path: readonly string[]): string {
  return `_${path.join("_").replaceAll("-", "_")}`;
}

function completionFunction(command: Described): string[] {
  const specs = command.options.map(optionSpec);
  if (command.commands.length === 0) {
    const all = [...specs, ...argumentSpec(command.argument)];
    return [`${functionName(command.path)}() {`, `  _arguments -s -S ${all.join(" \\\n    ")}`, "}"];
  }
  const described = command.commands.map(({ name, description }) =>
    quote(`${name}:${description.replaceAll(":", "\\:")}`),
  );
  return [
    `${functionName(command.path)}() {`,
    `  local curcontext="$curcontext" state line`,
    "  typeset -A opt_args",
    `  _arguments -C -S ${[...specs, quote("1: :->command"), quote("*:: :->rest")].join(" \\\n    ")}`,
    "  case $state in",
    "    command)",
    `      local -a commands=(${described.join("\n        ")})`,
    "      _describe -t commands command commands ;;",
    "    rest)",
    "      case $line[1] in",
    ...command.commands.map(({ name, path }) => `        ${name}) ${functionName(path)} ;;`),
    "      esac ;;",
    "  esac",
    "}",
    ...command.commands.flatMap(completionFunction),
  ];
}

/** A completion script for zsh's own system, to be put into a folder of `fpath` or to be sourced. */
export function zshCompletion(root: Described): string {
  return `#compdef ${root.name}
# load it with: source <(${root.name} completion zsh)
${completionFunction(root).join("\n")}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _${root.name} "$@"
else
  compdef _${root.name} ${root.name}
fi
`;
}
