import { type Entry, parseEntry } from "./entry.ts";
import { parseRecord, type SeccompRecord, type Unusable } from "./record.ts";

/** journald writes values that are not UTF-8 as lists of bytes, and fields that occur twice as lists of values. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return undefined;
  if (value.every(item => typeof item === "number")) return Buffer.from(value).toString("utf8");
  return typeof value[0] === "string" ? value[0] : undefined;
}

/** When the event was, by its source, else when journald got it; both are microseconds since the epoch. */
function timeOf(entry: Entry): number | undefined {
  const micros = textOf(entry["_SOURCE_REALTIME_TIMESTAMP"]) ?? textOf(entry["__REALTIME_TIMESTAMP"]);
  return micros !== undefined && /^\d{1,17}$/.test(micros) ? Number(micros) / 1e6 : undefined;
}

/** By which journald and Docker's driver for it name a container. */
const CONTAINER_FIELDS = ["CONTAINER_NAME", "CONTAINER_ID", "CONTAINER_ID_FULL", "CONTAINER_TAG"];

/** Names of the container that an entry speaks of; undefined when it tells none. */
export function containersOf(line: string): readonly string[] | undefined {
  const entry = parseEntry(line);
  if (entry === undefined) return undefined;
  const names = CONTAINER_FIELDS.map(field => textOf(entry[field])).filter(name => name !== undefined);
  return names.length === 0 ? undefined : names;
}

/** The fields that journald takes out of an audit record, put together again as a record. */
function recordText(entry: Entry): string | undefined {
  if (textOf(entry["_AUDIT_TYPE"]) !== "1326" && textOf(entry["_AUDIT_TYPE_NAME"]) !== "SECCOMP")
    return undefined;
  const value = (field: string): string => textOf(entry[field]) ?? "?";
  const quoted = (field: string): string => (entry[field] === undefined ? "(null)" : `"${value(field)}"`);
  return (
    `SECCOMP auid=${value("_AUDIT_LOGINUID")} pid=${value("_PID")} comm=${quoted("_COMM")} exe=${quoted("_EXE")} ` +
    `sig=${value("_AUDIT_FIELD_SIG")} arch=${value("_AUDIT_FIELD_ARCH")} syscall=${value("_AUDIT_FIELD_SYSCALL")} ` +
    `compat=${value("_AUDIT_FIELD_COMPAT")} ip=${value("_AUDIT_FIELD_IP")} code=${value("_AUDIT_FIELD_CODE")}`
  );
}

/**
 * Reads the record in a line of JSON: of `journalctl -o json`, or of another program that put the kernel's line into
 * a field of an object.
 * @returns undefined when the line is no JSON object; a list that is empty when there is no record in it.
 */
export function parseJsonLine(line: string): readonly (SeccompRecord | Unusable)[] | undefined {
  const entry = parseEntry(line);
  if (entry === undefined) return undefined;
  const texts = Object.values(entry)
    .map(textOf)
    .filter(text => text !== undefined);
  for (const text of [...texts, recordText(entry)]) {
    const record = text === undefined ? undefined : parseRecord(text);
    if (record === undefined) continue;
    return [typeof record === "string" ? record : { ...record, time: record.time ?? timeOf(entry) }];
  }
  return [];
}
