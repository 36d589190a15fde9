import { createRequire } from "node:module";
import type Table from "cli-table3";
import { describeArgument } from "../abi/arguments.ts";
import type { Evidence, Observation } from "../evidence/model.ts";
import { wrap } from "../wrap.ts";

const MOST_VALUES = 6;
const HEAD = ["syscall", "calls", "phases", "by", "errnos", "arguments"];

/** Without the lines that cli-table3 draws. */
const BARE = Object.fromEntries(
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid"
    .split(" ")
    .map(name => [name, ""]),
);

/** One line a row, as wide as it is. */
function lay(rows: readonly (readonly string[])[]): string[] {
  // Seven packages, which no other form of a result needs.
  const Tables = createRequire(import.meta.url)("cli-table3") as typeof Table;
  const table = new Tables({
    head: [...(rows[0] ?? [])],
    style: { head: [], border: [], compact: true },
    chars: { ...BARE, middle: " " },
  });
  table.push(...rows.slice(1).map(cells => [...cells]));
  return table
    .toString()
    .split("\n")
    .map(line => line.trimEnd());
}

/**
 * One line a syscall: how often, in which phases, by which executables, with which errnos and argument values.
 * @param columns that it may take: where it would take more, the arguments stand below each line
 */
export function printCallTable(evidence: Evidence, columns: number = Infinity): string {
  const groups = new Map<string, Observation[]>();
  for (const seen of evidence.observations) {
    const key = `${seen.syscall} ${seen.abi}`;
    groups.set(key, [...(groups.get(key) ?? []), seen]);
  }
  const rows = [HEAD, ...[...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, seen]) => row(seen))];
  const lines = lay(rows);
  if (lines.every(line => line.length <= columns)) return `${lines.join("\n")}\n`;
  const narrow = lay(rows.map(cells => cells.slice(0, -1)));
  return narrow
    .map((line, index) => {
      const values = index === 0 ? "" : (rows[index]?.at(-1) ?? "");
      const below = values === "" ? "" : `${wrap(`     ${values.replaceAll(",", ", ")}`, columns)}\n`;
      return `${wrap(line, columns)}\n${below}`;
    })
    .join("");
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
