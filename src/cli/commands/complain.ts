import { Command } from "commander";

export interface ComplainProfileOptions {
  readonly base?: string;
  readonly output?: string;
}

const EXAMPLE = `
Examples:
  sudo seccraft complain prepare       # what throttles the log, off until restore
  seccraft complain profile -o complain.json
  docker run -d --name web --security-opt seccomp=complain.json nginx:1
  sudo seccraft import --follow --comm nginx --runtime runc -o profile.json /dev/kmsg
  sudo seccraft complain restore

\`seccraft craft --recorder complain\` does all of it by itself for a command or, under runc, an image.
`;

/** Complain mode step by step. */
export function complainCommand(): Command {
  const command = new Command("complain")
    .description(
      "let the kernel log what a profile would deny: what throttles its log, and the profile for it",
    )
    .addHelpText("after", EXAMPLE);
  command
    .command("status")
    .description("what throttles records of logged calls here, and what does not")
    .option("--probe", "log 200 calls and count how many arrive (as root)")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  sudo seccraft complain status --probe\n")
    .action(async (options: { probe?: true; json?: true }) => {
      const { complainStatus } = await import("../complain.ts");
      await complainStatus(options);
    });
  command
    .command("prepare")
    .description(
      "switch off what throttles, until restore or the next boot; shows before and after (as root)",
    )
    .addHelpText("after", "\nExample:\n  sudo seccraft complain prepare\n")
    .action(async () => {
      const { complainPrepare } = await import("../complain.ts");
      await complainPrepare();
    });
  command
    .command("restore")
    .description("put back all that prepare has changed (as root)")
    .addHelpText("after", "\nExample:\n  sudo seccraft complain restore\n")
    .action(async () => {
      const { complainRestore } = await import("../complain.ts");
      await complainRestore();
    });
  command
    .command("profile")
    .description("print the profile that logs every call and denies none")
    .option("--base <file>", "a profile whose allowances are not logged: only what it would deny is")
    .option("-o, --output <file>", "write it there instead of to stdout")
    .addHelpText("after", "\nExample:\n  seccraft complain profile --base profile.json -o complain.json\n")
    .action(async (options: ComplainProfileOptions) => {
      const { complainProfileOf } = await import("../complain.ts");
      await complainProfileOf(options);
    });
  return command;
}
