import { Argument, Command } from "commander";
import { print } from "../say.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

const EXAMPLE = `
Examples:
  source <(seccraft completion bash)
  seccraft completion zsh > ~/.zfunc/_seccraft
  seccraft completion fish > ~/.config/fish/completions/seccraft.fish
`;

/** @param root gives the whole tree of commands */
export function completionCommand(root: () => Promise<Command>): Command {
  return new Command("completion")
    .description("print what makes a shell complete our commands and options")
    .addArgument(new Argument("<shell>", "whose").choices(SHELLS))
    .addHelpText("after", EXAMPLE)
    .action(async (shell: Shell) => {
      const { describe } = await import("../completion/describe.ts");
      const described = describe(await root());
      const script = {
        bash: async () => (await import("../completion/bash.ts")).bashCompletion(described),
        zsh: async () => (await import("../completion/zsh.ts")).zshCompletion(described),
        fish: async () => (await import("../completion/fish.ts")).fishCompletion(described),
      }[shell];
      print(await script());
    });
}
