// Makes src/abi/constants.gen.ts from tools/data/constants.tsv. `--check` only proves that the file is what it makes.
import { readTable, writeGenerated } from "./generated.js";

const sets = new Map();
for (const row of readTable("constants.tsv").rows) {
  const lines = sets.get(row.set) ?? [];
  sets.set(row.set, lines);
  lines.push(row.abis === "*" ? `${row.name} ${row.value}` : ` ${row.abis} ${row.value}`);
}

writeGenerated(
  "src/abi/constants.gen.ts",
  "tools/generate-constants.js",
  `/**
 * Per set: a line \`NAME VALUE\`, then a line \` ABIS VALUE\` for the ABIs where the value is another one.
 * Value \`-\` stands for none.
 */
export const CONSTANTS = {
${[...sets].map(([set, lines]) => `  ${set}: \`${lines.join("\n")}\`,`).join("\n")}
};
`,
);
