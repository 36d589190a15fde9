/** What can be printed; members that are undefined are left out. */
export type Printable =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Printable[]
  | { readonly [name: string]: Printable | undefined };

const WIDTH = 100;

/**
 * JSON text of a value: two spaces of indentation, names in the order of the object, bigints with every digit,
 * lists of scalars on one line where they fit into 100 columns. Ends with a newline.
 * @throws RangeError for a number that JSON cannot write.
 */
export function printJson(value: Printable): string {
  return `${print(value, "", 0)}\n`;
}

function scalar(value: string | number | bigint | boolean | null): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`${value} is not JSON`);
  return JSON.stringify(value);
}

function print(value: Printable, indent: string, lead: number): string {
  if (value === null || typeof value !== "object") return scalar(value);
  if (Array.isArray(value)) return printList(value as readonly Printable[], indent, lead);
  const inner = `${indent}  `;
  const members = Object.entries(value as Record<string, Printable | undefined>).flatMap(([name, item]) => {
    if (item === undefined) return [];
    const start = `${inner}${JSON.stringify(name)}: `;
    return [start + print(item, inner, start.length)];
  });
  return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
}

function printList(items: readonly Printable[], indent: string, lead: number): string {
  if (items.length === 0) return "[]";
  if (items.length <= 4 && items.every(item => item === null || typeof item !== "object")) {
    const line = `[${items.map(item => scalar(item as string)).join(", ")}]`;
    if (lead + line.length <= WIDTH) return line;
  }
  const inner = `${indent}  `;
  return `[\n${items.map(item => inner + print(item, inner, inner.length)).join(",\n")}\n${indent}]`;
}
