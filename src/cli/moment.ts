import { parseDuration } from "../duration.ts";
import { UsageError } from "../errors.ts";

/**
 * A point in time, as seconds since the epoch: a date, a date and time (local unless it names a zone), `@SECONDS`, or
 * a duration, which is so long ago.
 * @param what names the option in the error, such as `--since`.
 * @throws UsageError on anything else.
 */
export function parseMoment(text: string, what: string): number {
  const epoch = /^@(\d{1,12}(?:\.\d{1,9})?)$/.exec(text);
  if (epoch !== null) return Number(epoch[1]);
  const date =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}:?\d{2})?)?$/.exec(text);
  if (date !== null) {
    const time = Date.parse(`${date[1]}T${date[2] ?? "00:00"}${date[3] ?? ""}`);
    if (!Number.isNaN(time)) return time / 1000;
  }
  if (/^\d+(?:\.\d+)?(?:ms|s|m|h)$/.test(text)) return (Date.now() - parseDuration(text, what)) / 1000;
  throw new UsageError(
    `${what}: ${JSON.stringify(text)} is not a time; write 2026-01-31, 2026-01-31T12:00:00Z, @1790000000 or 10m`,
  );
}
