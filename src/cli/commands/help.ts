import { Command } from "commander";
import { UsageError } from "../../errors.ts";
import { print } from "../say.ts";

/** `help` alone, `help COMMAND…` and `help TOPIC`. @param root gives the whole tree of commands */
export function helpCommand(root: () => Promise<Command>): Command {
  return new Command("help")
    .description("explain a command or a topic")
    .argument("[topic...]", "name of a command or a topic")
    .addHelpText("after", "\nExamples:\n  seccraft help craft\n  seccraft help phases\n")
    .action(async (words: readonly string[]) => {
      const { TOPICS } = await import("../topics.ts");
      let command = await root();
      const topic = words.length === 1 ? TOPICS.find(({ name }) => name === words[0]) : undefined;
      if (topic !== undefined) {
        print(topic.text);
        return;
      }
      for (const word of words) {
        const next = command.commands.find(child => child.name() === word);
        if (next === undefined) throw new UsageError(await unknown(word, command, TOPICS));
        command = next;
      }
      command.outputHelp();
      if (words.length > 0) return;
      print(`\nTopics, with \`seccraft help TOPIC\`:\n`);
      for (const { name, summary } of TOPICS) print(`  ${name.padEnd(14)}${summary}\n`);
    });
}

async function unknown(word: string, command: Command, topics: readonly { name: string }[]): Promise<string> {
  const { didYouMean } = await import("../../suggest.ts");
  const names = [...command.commands.map(child => child.name()), ...topics.map(({ name }) => name)];
  return `no command or topic is called ${JSON.stringify(word)}${didYouMean(word, names)}`;
}
