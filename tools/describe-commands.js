// Writes dist/man/*.1 and dist/bundle/commands.json from the commands as they are declared; part of `npm run build`.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./setup.js";

export async function describeCommands() {
  const { commandSummaries, program } = await import("../dist/cli/program.js");
  const { describe } = await import("../dist/cli/completion/describe.js");
  const { manualPages } = await import("../dist/cli/manual.js");
  const top = await program();
  const folder = path.join(root, "dist", "man");
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of manualPages(describe(top), name => examples(top, name)))
    writeFileSync(path.join(folder, file), text);
  const summaries = JSON.stringify(await commandSummaries(), null, 2);
  writeFileSync(path.join(root, "dist/bundle/commands.json"), `${summaries}\n`);
}

/** What a command prints after its help, without the heading. */
function examples(top, name) {
  let command = top;
  for (const word of name.split(" ").slice(1))
    command = command.commands.find(child => child.name() === word);
  let text = "";
  command.emit("afterHelp", { error: false, command, write: more => (text += more) });
  return text.replace(/^\s*Examples?:\n/, "").replace(/^ {2}/gm, "");
}
