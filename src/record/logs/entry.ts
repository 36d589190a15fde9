/** A line of JSON in a log. */
export type Entry = Readonly<Record<string, unknown>>;

/** Undefined for what is no JSON object. */
export function parseEntry(line: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Entry)
      : undefined;
  } catch {
    return undefined;
  }
}
