import { UsageError } from "./errors.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The longest time that a Node timer can wait: a little over 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Milliseconds of `500ms`, `3s`, `1.5m` or `2h`.
 * @param what names the option in the error, such as `--timeout`.
 * @throws UsageError on anything else, a bare number included.
 */
export function parseDuration(text: string, what: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ""];
  if (match === null || unit === undefined) {
    throw new UsageError(`${what}: ${JSON.stringify(text)} is not a duration; write 500ms, 3s, 2m or 1h`);
  }
  const milliseconds = Math.round(Number(match[1]) * unit);
  if (milliseconds > LONGEST_MS) throw new UsageError(`${what}: ${text} is longer than 24 days`);
  return milliseconds;
}

/** `500ms`, `3s`, `1.5s`, `2m`: the largest unit that needs at most one decimal. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds >= 60_000 && milliseconds % 60_000 === 0) return `${milliseconds / 60_000}m`;
  if (milliseconds >= 1000) return `${Math.round(milliseconds / 100) / 10}s`;
  return `${Math.round(milliseconds)}ms`;
}
