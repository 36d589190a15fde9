import { UsageError } from "../errors.ts";
import { printProfile } from "../profile/print.ts";
import { complain } from "../template/complain.ts";
import type { TemplateCliOptions } from "./commands/template.ts";
import { writeOutput } from "./inputs.ts";

/** @throws UsageError for a name that is none */
export function runTemplate(name: string | undefined, options: TemplateCliOptions): void {
  if (name === undefined) {
    writeOutput(
      "complain: let everything through and log each call, to find out from the log what is needed\n",
      undefined,
    );
  } else if (name === "complain") {
    writeOutput(printProfile(complain(options.blockHighRisk === true)), options.output);
  } else {
    throw new UsageError(`there is no template ${name}`);
  }
}
