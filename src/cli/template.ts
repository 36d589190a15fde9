import { UsageError } from "../errors.ts";
import { didYouMean } from "../suggest.ts";
import { printableTemplates, printTemplate, printTemplates } from "../output/template.ts";
import { printJson } from "../json/print.ts";
import type { ProfileDocument } from "../profile/document.ts";
import { printProfile } from "../profile/print.ts";
import { complain } from "../template/complain.ts";
import { templateDocument, templateNamed } from "../template/document.ts";
import { runtimeDefault } from "../template/runtime-default.ts";
import { TEMPLATES } from "../template/templates.ts";
import type { TemplateCliOptions } from "./commands/template.ts";
import { hostOf } from "./host.ts";
import { readProfileInput } from "./inputs.ts";
import { show, tell, writeOutput } from "./say.ts";

/** @throws UsageError for a name that is none, or an option of another template; InputError */
export async function runTemplate(name: string | undefined, options: TemplateCliOptions): Promise<void> {
  if (options.blockHighRisk === true && name !== "complain")
    throw new UsageError(
      "--block-high-risk goes with complain: no other template allows such calls for it to block",
    );
  if (options.from !== undefined && name !== "runtime-default")
    throw new UsageError("--from goes with runtime-default");
  if (options.json === true && name !== undefined)
    throw new UsageError("--json goes with the list; a profile is JSON already");
  if (name === undefined) {
    if (options.json === true) writeOutput(printJson(printableTemplates()), options.output);
    else show(printTemplates(), options.output);
    return;
  }
  writeOutput(printProfile(await documentOf(name, options)), options.output);
  const template = templateNamed(name);
  if (template !== undefined) tell(printTemplate(template));
}

async function documentOf(name: string, options: TemplateCliOptions): Promise<ProfileDocument> {
  const host = hostOf(options);
  if (name === "complain") return complain(options.blockHighRisk === true);
  if (name === "runtime-default") {
    const from = options.from === undefined ? undefined : (await readProfileInput(options.from)).document;
    return runtimeDefault(host, from);
  }
  const template = templateNamed(name);
  if (template !== undefined) return templateDocument(template, host.abi);
  const names = [...TEMPLATES.map(each => each.name), "complain", "runtime-default"].sort();
  throw new UsageError(
    `there is no template ${name}; there are ${names.join(", ")}${didYouMean(name, names)}`,
  );
}
