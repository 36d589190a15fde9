import process from "node:process";
import { writeWhole } from "../files.ts";
import { wrap } from "../wrap.ts";

/** Longer lines are hard to read. */
const WIDEST = 120;

/** How many columns text on a stream may take: those of a terminal; elsewhere a line is as long as it is. */
export function columnsFor(stream: NodeJS.WriteStream): number {
  // A terminal that nobody told its size has none.
  const columns = stream.columns === 0 ? undefined : stream.columns;
  return stream.isTTY ? Math.max(20, Math.min(WIDEST, columns ?? 80)) : Infinity;
}

/** Says something to people, on stderr; on a terminal long lines are broken at blanks. */
export function tell(text: string): void {
  process.stderr.write(wrap(text, columnsFor(process.stderr)));
}

/** Writes a result for people, which scripts may read as well: its lines are broken on a terminal alone. */
export function show(text: string, file?: string): void {
  if (file === undefined) process.stdout.write(wrap(text, columnsFor(process.stdout)));
  else writeWhole(file, text);
}
