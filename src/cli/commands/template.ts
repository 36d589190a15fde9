import { Command } from "commander";

export interface TemplateCliOptions {
  readonly blockHighRisk?: boolean;
  readonly output?: string;
}

export function templateCommand(): Command {
  return new Command("template")
    .description("print a profile to start from; without a name, list them")
    .argument("[name]", "which one")
    .option("--block-high-risk", "with complain: still deny the calls of high risk")
    .option("-o, --output <file>", "write the profile there instead of to stdout")
    .addHelpText("after", "\nExample:\n  seccraft template complain --block-high-risk -o complain.json\n")
    .action(async (name: string | undefined, options: TemplateCliOptions) => {
      const { runTemplate } = await import("../template.ts");
      runTemplate(name, options);
    });
}
