import { readFileSync } from "node:fs";
import type { ErrorObject, ValidateFunction } from "ajv";
import { packagedFile } from "../packaged.ts";
import type { FieldPath } from "../json/path.ts";

let compiled: Promise<ValidateFunction> | undefined;

async function compile(): Promise<ValidateFunction> {
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  const text = readFileSync(packagedFile("schema/evidence-1.json"), "utf8");
  return new Ajv2020({ discriminator: true, allErrors: false }).compile(JSON.parse(text) as object);
}

/** Checks against `schema/evidence-1.json`; ajv is loaded at the first use. */
export async function evidenceValidator(): Promise<ValidateFunction> {
  compiled ??= compile();
  return compiled;
}

/** Where a finding of ajv is and what it says, in one line. */
export function explainFinding(error: ErrorObject): { steps: FieldPath; reason: string } {
  const steps: (string | number)[] = error.instancePath
    .split("/")
    .slice(1)
    .map(step => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map(step => (/^\d+$/.test(step) ? Number(step) : step));
  const params = error.params as Readonly<Record<string, unknown>>;
  if (error.propertyName !== undefined) {
    return { steps, reason: `${clipped(error.propertyName)} is not a valid name here` };
  }
  switch (error.keyword) {
    case "additionalProperties":
      return { steps, reason: `unknown field ${clipped(params["additionalProperty"])}` };
    case "required":
      return { steps, reason: `the field ${clipped(params["missingProperty"])} is missing` };
    case "enum":
      return { steps, reason: `must be one of ${(params["allowedValues"] as unknown[]).join(", ")}` };
    case "const":
      return { steps, reason: `must be ${JSON.stringify(params["allowedValue"])}` };
    case "discriminator":
      return { steps: [...steps, "kind"], reason: "is not a kind of target" };
    default:
      return { steps, reason: error.message ?? "is not valid" };
  }
}

function clipped(value: unknown): string {
  const text = String(value);
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
