import { InputError } from "../errors.ts";
import { type JsonNode, parseJson, placeAt } from "../json/parse.ts";
import { type FieldPath, formatField, nodeAt } from "../json/path.ts";
import { joinEvidence } from "./join.ts";
import type { Evidence } from "./model.ts";
import { evidenceValidator, explainFinding } from "./schema.ts";

const VERSION = "evidence/1";

/** Names that an object inherits must not be mistaken for fields, nor `__proto__` change one. */
function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case "object":
      return Object.fromEntries([...node.members].map(([name, member]) => [name, plain(member.value)]));
    case "array":
      return node.items.map(plain);
    case "number":
      return Number(node.text);
    default:
      return node.value;
  }
}

function fail(
  source: { file: string; text: string },
  root: JsonNode,
  steps: FieldPath,
  reason: string,
): never {
  throw new InputError(reason, placeAt(source, nodeAt(root, steps).offset, formatField(steps)));
}

/** True for text that means to be evidence, of this version or another; does not say that it is valid. */
export function looksLikeEvidence(text: string): boolean {
  return /^\s*\{\s*(?:"\$schema"\s*:\s*"[^"]*"\s*,\s*)?"seccraft"\s*:\s*"evidence\//.test(
    text.slice(0, 4096),
  );
}

/**
 * Reads an evidence file, in canonical form.
 * @throws InputError with line and field when it is not JSON, not evidence, of another version, breaks
 * `schema/evidence-1.json`, or refers to a run that it does not hold.
 */
export async function parseEvidence(text: string, file: string): Promise<Evidence> {
  const source = { file, text };
  const root = parseJson(source);
  const version = root.kind === "object" ? root.members.get("seccraft")?.value : undefined;
  if (version?.kind === "string" && /^evidence\/\d+$/.test(version.value) && version.value !== VERSION) {
    fail(
      source,
      root,
      ["seccraft"],
      `${version.value} is a version that this seccraft does not know: it reads ${VERSION}`,
    );
  }
  if (version === undefined)
    fail(source, root, [], `is not evidence of seccraft: "seccraft": "${VERSION}" is missing`);
  const value = plain(root);
  const validate = await evidenceValidator();
  if (!validate(value)) {
    const finding = validate.errors?.[0];
    if (finding === undefined) throw new Error("a validator that refuses without a reason");
    const { steps, reason } = explainFinding(finding);
    fail(source, root, steps, reason);
  }
  const evidence = value as Evidence;
  const runs = new Set(evidence.runs.map(run => run.id));
  for (const list of ["observations", "gaps"] as const) {
    for (const [index, item] of evidence[list].entries()) {
      if (!runs.has(item.run))
        fail(source, root, [list, index, "run"], "names a run that is not in the file");
    }
  }
  return joinEvidence(evidence);
}

function printList(name: string, items: readonly object[]): string {
  if (items.length === 0) return `  "${name}": []`;
  return `  "${name}": [\n${items.map(item => `    ${JSON.stringify(item)}`).join(",\n")}\n  ]`;
}

/** Canonical JSON text: the same evidence gives the same bytes. One item a line, so that diffs and grep work. */
export function printEvidence(evidence: Evidence): string {
  const { runs, observations, gaps } = joinEvidence(evidence);
  const lists = [printList("runs", runs), printList("observations", observations), printList("gaps", gaps)];
  return `{\n  "seccraft": "${VERSION}",\n${lists.join(",\n")}\n}\n`;
}
