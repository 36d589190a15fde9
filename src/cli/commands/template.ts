import { Command } from "commander";
import { addHostOptions, type HostOptions } from "../host.ts";

export interface TemplateCliOptions extends HostOptions {
  readonly blockHighRisk?: true;
  readonly from?: string;
  readonly json?: true;
  readonly output?: string;
}

const EXAMPLE = `
Examples:
  seccraft template
  seccraft template web-node -o node.json
  seccraft template runtime-default --cap SYS_PTRACE
  seccraft template complain --block-high-risk -o complain.json
`;

export function templateCommand(): Command {
  const command = new Command("template")
    .description("print a profile to start from, for a kind of program; without a name, list them")
    .argument("[name]", "which one")
    .option("--block-high-risk", "with complain: still deny the calls of high risk")
    .option("--from <file>", "with runtime-default: resolve this profile instead of Docker's default")
    .option("--json", "without a name: the list as JSON")
    .option("-o, --output <file>", "write the result there instead of to stdout");
  return addHostOptions(command)
    .addHelpText("after", EXAMPLE)
    .action(async (name: string | undefined, options: TemplateCliOptions) => {
      const { runTemplate } = await import("../template.ts");
      await runTemplate(name, options);
    });
}
