import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Command, Help, type Option } from "commander";
import { VERSION } from "../version.ts";
/** Loads one command; `whole` gives the command line with all of them. */
type Load = (whole: () => Promise<Command>) => Promise<Command>;

/** All commands in the order of the help; a run loads only its own. */
const COMMANDS: ReadonlyMap<string, Load> = new Map<string, Load>([
  ["craft", async () => (await import("./commands/craft.ts")).craftCommand()],
  ["init", async () => (await import("./commands/init.ts")).initCommand()],
  ["analyze", async () => (await import("./commands/analyze.ts")).analyzeCommand()],
  ["record", async () => (await import("./commands/record.ts")).recordCommand()],
  ["hook", async () => (await import("./commands/hook.ts")).hookCommand()],
  ["import", async () => (await import("./commands/import.ts")).importCommand()],
  ["complain", async () => (await import("./commands/complain.ts")).complainCommand()],
  ["minimize", async () => (await import("./commands/minimize.ts")).minimizeCommand()],
  ["run", async () => (await import("./commands/run.ts")).runCommand()],
  ["merge", async () => (await import("./commands/combine.ts")).mergeCommand()],
  ["intersect", async () => (await import("./commands/combine.ts")).intersectCommand()],
  ["subtract", async () => (await import("./commands/combine.ts")).subtractCommand()],
  ["subset", async () => (await import("./commands/combine.ts")).subsetCommand()],
  ["diff", async () => (await import("./commands/diff.ts")).diffCommand()],
  ["lint", async () => (await import("./commands/lint.ts")).lintCommand()],
  ["explain", async () => (await import("./commands/diff.ts")).explainCommand()],
  ["check", async () => (await import("./commands/check.ts")).checkCommand()],
  ["simulate", async () => (await import("./commands/simulate.ts")).simulateCommand()],
  ["report", async () => (await import("./commands/report.ts")).reportCommand()],
  ["convert", async () => (await import("./commands/convert.ts")).convertCommand()],
  ["port", async () => (await import("./commands/port.ts")).portCommand()],
  ["template", async () => (await import("./commands/template.ts")).templateCommand()],
  ["compile", async () => (await import("./commands/compile.ts")).compileCommand()],
  ["disasm", async () => (await import("./commands/compile.ts")).disasmCommand()],
  ["doctor", async () => (await import("./commands/doctor.ts")).doctorCommand()],
  ["completion", async whole => (await import("./commands/completion.ts")).completionCommand(whole)],
  ["help", async whole => (await import("./commands/help.ts")).helpCommand(whole)],
]);

/** Where a heading of `--help` begins. */
const HEADINGS: ReadonlyMap<string, string> = new Map([
  ["craft", "Make a profile:"],
  ["run", "Try and combine profiles:"],
  ["lint", "Examine profiles:"],
  ["convert", "Write profiles for other tools:"],
  ["doctor", "Help:"],
]);

/** More choices than this are told by the error alone. */
const MOST_CHOICES = 12;

/** What `--help` says of a command, written by `npm run build`. */
export interface CommandSummary {
  readonly name: string;
  /** With its arguments. */
  readonly term: string;
  readonly description: string;
}

const SUMMARIES = path.join(import.meta.dirname, "commands.json");

/** The whole command line, described but not run; commands load what they need when they are called. */
export async function program(): Promise<Command> {
  const root = bare();
  for (const load of COMMANDS.values()) await add(root, load);
  return underHeadings(root);
}

async function add(root: Command, load: Load): Promise<Command> {
  const { suggestChoices } = await import("./choices.ts");
  return root.addCommand(suggestChoices((await load(program)).copyInheritedSettings(root)));
}

/** As much of the command line as arguments ask for: the command they name, for help what was written of all, or all. */
export async function programFor(words: readonly string[]): Promise<Command> {
  const [first] = words;
  const load = COMMANDS.get(first ?? "");
  if (load !== undefined) return await add(bare(), load);
  if (first === "--version" || first === "-V") return bare();
  const isHelp = first === undefined || first === "--help" || first === "-h";
  return isHelp && existsSync(SUMMARIES) ? summarised() : program();
}

/** What `--help` needs, without loading any command. */
function summarised(): Command {
  const summaries = JSON.parse(readFileSync(SUMMARIES, "utf8")) as readonly CommandSummary[];
  const terms = new Map(summaries.map(({ name, term }) => [name, term]));
  const root = bare();
  root.configureHelp({
    ...root.configureHelp(),
    subcommandTerm: command => terms.get(command.name()) ?? command.name(),
  });
  for (const { name, description } of summaries) root.addCommand(new Command(name).description(description));
  return underHeadings(root);
}

function underHeadings(root: Command): Command {
  let heading = "";
  for (const command of root.commands) {
    heading = HEADINGS.get(command.name()) ?? heading;
    command.helpGroup(heading);
  }
  return root;
}

/** @returns what `--help` says of each command, for `npm run build` to write */
export async function commandSummaries(): Promise<CommandSummary[]> {
  const root = await program();
  const help = root.createHelp();
  return root.commands.map(command => ({
    name: command.name(),
    term: help.subcommandTerm(command),
    description: help.subcommandDescription(command),
  }));
}

function bare(): Command {
  return new Command("seccraft")
    .description(
      "From a workload to the smallest seccomp profile that lets it work, with the evidence for every call that it allows.",
    )
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false, optionDescription })
    .showSuggestionAfterError(true)
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`seccraft: ${onOneLine(text)}\n`) })
    .addHelpText(
      "after",
      "\nExample:\n  seccraft craft --ready tcp:8080 --exercise 'curl -s http://127.0.0.1:8080/' -- ./server --port 8080\n",
    );
}

function optionDescription(this: Help, option: Option): string {
  const isLong = (option.argChoices?.length ?? 0) > MOST_CHOICES;
  const described = isLong ? (Object.create(option, { argChoices: { value: undefined } }) as Option) : option;
  return Help.prototype.optionDescription.call(this, described);
}

/** `unknown option '--redy'; did you mean --ready?`, of what commander prints on two lines. */
function onOneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, "")
    .replace(/ is invalid\. (?=.)/, " is invalid: ")
    .replace(/\n\(Did you mean (.*)\)$/, "; did you mean $1")
    .replaceAll("\n", " ");
}
