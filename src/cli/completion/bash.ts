import { type Described, flatten, type Values } from "./describe.ts";

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The lines that offer values, for the word in `cur`. */
function offer(values: Values): string {
  switch (values.kind) {
    case "files":
      return `mapfile -t COMPREPLY < <(compgen -f -- "$cur"); compopt -o filenames 2>/dev/null`;
    case "folders":
      return `mapfile -t COMPREPLY < <(compgen -d -- "$cur"); compopt -o filenames 2>/dev/null`;
    case "command":
      return `mapfile -t COMPREPLY < <(compgen -c -- "$cur")`;
    case "words":
      return `mapfile -t COMPREPLY < <(compgen -W ${quote(values.words.join(" "))} -- "$cur")`;
    case "text":
      return ":";
  }
}

/** A completion script for bash 4 or newer; it needs no other package. */
export function bashCompletion(root: Described): string {
  const all = flatten(root);
  const descend = all
    .filter(({ path }) => path.length > 1)
    .map(({ path }) => `      ${quote(path.join(" "))}) at="$at $word" ;;`);
  const valued = all.flatMap(({ path, options }) =>
    options
      .filter(({ values }) => values !== undefined)
      .flatMap(({ flags }) => flags.map(flag => quote(`${path.join(" ")} ${flag}`))),
  );
  const values = all.flatMap(({ path, options }) =>
    options.flatMap(option =>
      option.values === undefined
        ? []
        : [
            `    ${option.flags.map(flag => quote(`${path.join(" ")} ${flag}`)).join("|")}) ${offer(option.values)}; return ;;`,
          ],
    ),
  );
  const words = all.map(({ path, options, commands, argument }) => {
    const offered = [...commands.map(({ name }) => name), ...options.flatMap(({ flags }) => flags)];
    const first = argument === undefined || argument.kind === "text" ? "" : ` rest=${argument.kind}`;
    const listed = argument?.kind === "words" ? argument.words : [];
    return `    ${quote(path.join(" "))}) words=${quote([...offered, ...listed].join(" "))}${first} ;;`;
  });
  return `# bash completion for ${root.name}; load it with: source <(${root.name} completion bash)
_${root.name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} at=${root.name} word words rest='' i ended=0
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == -- ]]; then
      ended=$((i + 1))
      break
    fi
    case "$at $word" in
${descend.join("\n")}
      ${valued.join("|")}) ((i++)) ;;
      *' -'*) ;;
      *) [[ $at != ${root.name} ]] && { ended=$i; break; } ;;
    esac
  done
  if ((ended > 0)); then
    if ((ended == COMP_CWORD)); then ${offer({ kind: "command" })}; else ${offer({ kind: "files" })}; fi
    return
  fi
  case "$at $prev" in
${values.join("\n")}
  esac
  case $at in
${words.join("\n")}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  case $cur:$rest in
    -*) ;;
    *:files) ${offer({ kind: "files" })} ;;
    *:folders) ${offer({ kind: "folders" })} ;;
    ?*:command) ${offer({ kind: "command" })} ;;
  esac
}
complete -F _${root.name} ${root.name}
`;
}
