import { dockerDefaultAllows } from "../abi/docker-default.ts";
import type { Printable } from "../json/print.ts";
import { costsOf, highRisks, nativeCalls } from "../template/document.ts";
import { type Template, TEMPLATES } from "../template/templates.ts";

/** Those that are not put together from blocks. */
const OTHERS: readonly { readonly name: string; readonly purpose: string }[] = [
  {
    name: "complain",
    purpose: "let everything through and log each call, to find out from the log what is needed",
  },
  {
    name: "runtime-default",
    purpose: "what Docker's default resolves to for given capabilities, in plain OCI form",
  },
];

/** What a template is for, what it was proven with and what it costs, for people. */
export function printTemplate(template: Template): string {
  const allowed = nativeCalls(template);
  const docker = dockerDefaultAllows("x86_64");
  const costs = costsOf(template).map(
    ({ program, measured, surplus }) =>
      `  ${program}: made to measure it would be ${measured}, so ${surplus} are surplus\n`,
  );
  return `${template.name}: ${template.purpose}
${allowed.length} calls on x86_64, ${highRisks(allowed).length} of high risk (Docker's default: ${docker.size}, ${highRisks(docker).length} of high risk)
Proven with:
${costs.join("")}`;
}

/** All templates, a line each. */
export function printTemplates(): string {
  const lines = [
    ...TEMPLATES.map(template => ({
      name: template.name,
      text: `${template.purpose} (${nativeCalls(template).length} calls; proven with ${template.proven.join(", ")})`,
    })),
    ...OTHERS.map(({ name, purpose }) => ({ name, text: purpose })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  return lines.map(({ name, text }) => `${name.padEnd(16)} ${text}\n`).join("");
}

export function printableTemplates(): Printable {
  return {
    seccraft: "templates/1",
    templates: [
      ...TEMPLATES.map(template => ({
        name: template.name,
        purpose: template.purpose,
        calls: nativeCalls(template).length,
        highRisk: highRisks(nativeCalls(template)),
        proven: costsOf(template).map(({ program, measured, surplus }) => ({ program, measured, surplus })),
      })),
      ...OTHERS,
    ].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
