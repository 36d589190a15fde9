import type { AbiName } from "../../abi/abi.ts";
import { syscallByName } from "../../abi/syscalls.ts";
import { type Block, eachLine } from "./blocks.ts";
import { type Entry, parseEntry } from "./entry.ts";
import { judge, type LogFilter, type Origin } from "./filter.ts";
import { nameOf } from "./record.ts";
import type { Tally } from "./tally.ts";

/** `"key"="value"` and `"key"=3` of a klog line. */
const PAIR = /"(\w+)"=(?:"((?:[^"\\]|\\.)*)"|(-?\d+))/g;

function klogEntry(line: string): Entry | undefined {
  const entry: Record<string, unknown> = {};
  for (const [, key = "", text, number] of line.matchAll(PAIR)) {
    entry[key] = number === undefined ? (text ?? "").replaceAll(/\\(.)/g, "$1") : Number(number);
  }
  return entry["msg"] === "audit" || entry["type"] === "seccomp" ? entry : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** `1625479698.721:101379` of the enricher, or ISO 8601 of the JSON enricher. */
function timeOf(value: unknown): number | undefined {
  const stamp = text(value);
  if (stamp === undefined) return undefined;
  const epoch = /^(\d{1,12}(?:\.\d{1,9})?)(?::\d+)?$/.exec(stamp);
  const seconds = epoch === null ? Date.parse(stamp) / 1000 : Number(epoch[1]);
  return Number.isNaN(seconds) ? undefined : seconds;
}

function originOf(entry: Entry): Origin {
  const resource = (entry["resource"] ?? {}) as Entry;
  const executable = text(entry["executable"]);
  return {
    pid: typeof entry["pid"] === "number" ? entry["pid"] : undefined,
    comm: executable?.slice(executable.lastIndexOf("/") + 1).slice(0, 15),
    executable,
    time: timeOf(entry["timestamp"]),
    containers: [entry["container"], entry["containerID"], resource["container"], resource["containerID"]]
      .map(text)
      .filter(name => name !== undefined),
  };
}

/** True for a line of security-profiles-operator's log enricher, in klog's or its own JSON form. */
export function looksLikeOperator(line: string): boolean {
  return /"syscallName"[=:]|"syscallID"[=:]|"version"\s*:\s*"spo\//.test(line);
}

/**
 * Reads the log enricher's lines of security-profiles-operator: klog lines with one syscall each, and the JSON
 * enricher's objects with a list of names. They do not tell the architecture, so the caller says whose names they are.
 */
export class OperatorReader {
  readonly #tally: Tally;
  readonly #filter: LogFilter;
  readonly #abi: AbiName;

  constructor(tally: Tally, filter: LogFilter, abi: AbiName) {
    this.#tally = tally;
    this.#filter = filter;
    this.#abi = abi;
  }

  block(block: Block): void {
    eachLine(block, (line, offset) => {
      if (looksLikeOperator(line)) this.#line(line, offset);
    });
  }

  finish(): void {
    if (this.#tally.records === 0) return;
    this.#tally.gap(
      "unreadable",
      "the operator's log names no architecture: calls of 32-bit programs carry names of 64-bit calls",
      "record with seccraft, or import the node's audit log",
      this.#tally.records,
    );
  }

  #line(line: string, offset: number): void {
    const entry = line.startsWith("{") ? parseEntry(line) : klogEntry(line);
    const names = entry === undefined ? [] : this.#names(entry);
    if (entry === undefined || names.length === 0) {
      this.#tally.gap("unreadable", "records are cut off or damaged", undefined, 1, offset);
      return;
    }
    this.#tally.found++;
    const origin = originOf(entry);
    const verdict = judge(this.#filter, origin);
    if (verdict === "untold") {
      this.#tally.gap(
        "unreadable",
        "records do not tell what the filter asks for, and were left out",
        undefined,
        1,
        offset,
      );
    }
    if (verdict !== "in") return;
    for (const name of names) this.#count(name, origin, offset);
  }

  #names(entry: Entry): readonly string[] {
    const list = Array.isArray(entry["syscalls"]) ? entry["syscalls"] : [entry["syscallName"]];
    const names = list.filter(name => typeof name === "string" && name !== "");
    if (names.length > 0) return names;
    const number = entry["syscallID"];
    return typeof number === "number" && number >= 0 ? [nameOf(this.#abi, number)] : [];
  }

  #count(name: string, { executable, time }: Origin, offset: number): void {
    const known = syscallByName(this.#abi, name);
    const number = known?.number ?? Number(/^syscall_(\d{1,9})$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(number)) {
      this.#tally.gap("unreadable", "records name a syscall that is not known", undefined, 1, offset);
      return;
    }
    const call = this.#tally.call("operator", this.#abi, number, name, { executable });
    call.count++;
    this.#tally.records++;
    if (time === undefined) return;
    call.first = Math.min(call.first, time);
    this.#tally.saw(time);
  }
}
