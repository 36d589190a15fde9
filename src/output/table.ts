import Table from "cli-table3";
import { describeArgument } from "../abi/arguments.ts";
import type { Evidence, Observation } from "../evidence/model.ts";

const MOST_VALUES = 6;

/** One line a syscall: how often, in which phases, by which executables, with which errnos and argument values. */
export function printCallTable(evidence: Evidence): string {
  const groups = new Map<string, Observation[]>();
  for (const seen of evidence.observations) {
    const key = `${seen.syscall} ${seen.abi}`;
    groups.set(key, [...(groups.get(key) ?? []), seen]);
  }
  const table = new Table({
    head: ["syscall", "calls", "phases", "by", "errnos", "arguments"],
    style: { head: [], border: [], compact: true },
    chars: {
      top: "",
      "top-mid": "",
      "top-left": "",
      "top-right": "",
      bottom: "",
      "bottom-mid": "",
      "bottom-left": "",
      "bottom-right": "",
      left: "",
      "left-mid": "",
      mid: "",
      "mid-mid": "",
      right: "",
      "right-mid": "",
      middle: " ",
    },
  });
  for (const [, seen] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) table.push(row(seen));
  return `${table
    .toString()
    .split("\n")
    .map(line => line.trimEnd())
    .join("\n")}\n`;
}

function distinct(values: readonly (string | undefined)[]): string {
  return [...new Set(values.filter(value => value !== undefined))].sort().join(" ");
}

function row(seen: readonly Observation[]): string[] {
  const [first] = seen;
  const name =
    first === undefined
      ? ""
      : first.abi === "x86_64" || first.abi === "aarch64"
        ? first.syscall
        : `${first.syscall} (${first.abi})`;
  return [
    name,
    String(seen.reduce((sum, { count }) => sum + (count ?? 0), 0)),
    distinct(seen.map(({ phase }) => phase)),
    distinct(seen.map(({ executable, label }) => executable?.split("/").at(-1) ?? label)),
    distinct(seen.flatMap(({ errnos }) => Object.keys(errnos ?? {}))),
    distinct(seen.flatMap(argumentTexts)),
  ];
}

function argumentTexts(seen: Observation): string[] {
  return (seen.arguments ?? []).map(({ index, values, complete }) => {
    const texts = values
      .slice(0, MOST_VALUES)
      .map(value => describeArgument(seen.abi, seen.syscall, index, BigInt(value)));
    const more = values.length > MOST_VALUES || !complete ? ",…" : "";
    return `${index}:${texts.join(",")}${more}`;
  });
}
