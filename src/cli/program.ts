import { Command } from "commander";
import { VERSION } from "../version.ts";
import { analyzeCommand } from "./commands/analyze.ts";
import { checkCommand } from "./commands/check.ts";
import { intersectCommand, mergeCommand, subsetCommand, subtractCommand } from "./commands/combine.ts";
import { compileCommand, disasmCommand } from "./commands/compile.ts";
import { completionCommand } from "./commands/completion.ts";
import { convertCommand } from "./commands/convert.ts";
import { craftCommand } from "./commands/craft.ts";
import { diffCommand, explainCommand } from "./commands/diff.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { helpCommand } from "./commands/help.ts";
import { hookCommand } from "./commands/hook.ts";
import { importCommand } from "./commands/import.ts";
import { initCommand } from "./commands/init.ts";
import { lintCommand } from "./commands/lint.ts";
import { minimizeCommand } from "./commands/minimize.ts";
import { portCommand } from "./commands/port.ts";
import { recordCommand } from "./commands/record.ts";
import { reportCommand } from "./commands/report.ts";
import { runCommand } from "./commands/run.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { templateCommand } from "./commands/template.ts";

/** The command line, described but not run; commands load what they need when they are called. */
export function program(): Command {
  const root = new Command("seccraft")
    .description(
      "From a workload to the smallest seccomp profile that lets it work, with the evidence for every call that it allows.",
    )
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .showSuggestionAfterError(true)
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`seccraft: ${onOneLine(text)}\n`) })
    .addHelpText(
      "after",
      "\nExample:\n  seccraft craft --ready tcp:8080 --exercise 'curl -s http://127.0.0.1:8080/' -- ./server --port 8080\n",
    );
  const commands = [
    craftCommand(),
    initCommand(),
    analyzeCommand(),
    recordCommand(),
    hookCommand(),
    importCommand(),
    minimizeCommand(),
    runCommand(),
    mergeCommand(),
    intersectCommand(),
    subtractCommand(),
    subsetCommand(),
    diffCommand(),
    lintCommand(),
    explainCommand(),
    checkCommand(),
    simulateCommand(),
    convertCommand(),
    portCommand(),
    templateCommand(),
    compileCommand(),
    disasmCommand(),
    reportCommand(),
    doctorCommand(),
    completionCommand(() => root),
    helpCommand(() => root),
  ];
  for (const command of commands) {
    root.addCommand(command.copyInheritedSettings(root));
  }
  return root;
}

/** `unknown option '--redy' (did you mean --ready?)`, of what commander prints on two lines. */
function onOneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, "")
    .replace(/\n\(Did/, " (did")
    .replaceAll("\n", " ");
}
