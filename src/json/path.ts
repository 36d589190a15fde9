import type { JsonNode } from "./parse.ts";

/** The way to a field: names of members and indices of items. */
export type FieldPath = readonly (string | number)[];

/** `observations[3].arguments[0].index` */
export function formatField(path: FieldPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

/** The deepest node on the way of `path` that is there. */
export function nodeAt(root: JsonNode, path: FieldPath): JsonNode {
  let node = root;
  for (const step of path) {
    const next =
      node.kind === "object"
        ? node.members.get(String(step))?.value
        : node.kind === "array"
          ? node.items[Number(step)]
          : undefined;
    if (next === undefined) return node;
    node = next;
  }
  return node;
}
