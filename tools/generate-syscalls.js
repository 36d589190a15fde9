// Makes src/abi/syscalls.gen.ts from tools/data/syscall-*.tsv. `--check` only proves that the file is what it makes.
import { readTable, writeGenerated } from "./generated.js";

/** One string a table: a number, then the names that follow one another from it on. */
function numbersOf(rows, abi) {
  const calls = rows
    .filter(row => row[abi] !== "")
    .map(row => ({ name: row.name, number: Number(row[abi]) }))
    .sort((a, b) => a.number - b.number);
  const words = [];
  let expected = -1;
  for (const { name, number } of calls) {
    if (number === expected - 1) throw new Error(`${abi}: ${number} is taken twice, by ${name} too`);
    if (number !== expected) words.push(`\n${number}`);
    words.push(name);
    expected = number + 1;
  }
  return words.join(" ").trim().replaceAll(" \n", "\n");
}

const numbers = readTable("syscall-numbers.tsv");
const signatures = readTable("syscall-signatures.tsv");
const tables = numbers.columns
  .filter(column => column !== "name")
  .map(abi => `  ${abi}: \`${numbersOf(numbers.rows, abi)}\`,`);
const lines = signatures.rows.map(row =>
  row.abis === "*" ? `${row.name}|${row.since}|${row.arguments}` : `|${row.abis}|${row.arguments}`,
);

writeGenerated(
  "src/abi/syscalls.gen.ts",
  "tools/generate-syscalls.js",
  `/** Per table: numbers without the ABI's base, each followed by the names that count up from it. */
export const NUMBERS: Readonly<Record<string, string>> = {
${tables.join("\n")}
};

/** \`NAME|SINCE|ARGUMENTS\`, then \`|ABIS|ARGUMENTS\` for the ABIs where that name's arguments are others. */
export const SIGNATURES = \`
${lines.join("\n")}\`;
`,
);
