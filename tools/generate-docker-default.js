// Makes src/abi/docker-default.gen.ts from tools/data/docker-default.tsv. `--check` only proves that it is the same.
import { readTable, writeGenerated } from "./generated.js";

const { rows } = readTable("docker-default.tsv");
const everywhere = rows.filter(row => row.abis === "*").map(row => row.name);
const somewhere = rows.filter(row => row.abis !== "*").map(row => `${row.name}:${row.abis}`);
const conditional = rows.filter(row => row.condition === "arguments").map(row => row.name);

writeGenerated(
  "src/abi/docker-default.gen.ts",
  "tools/generate-docker-default.js",
  `/** Allowed on every ABI that has the call. */
export const EVERYWHERE: string = \`${everywhere.join("\n")}\`;

/** Allowed on some ABIs alone: \`NAME:ABIS\`. */
export const SOMEWHERE: string = \`${somewhere.join("\n")}\`;

/** Allowed with some arguments alone. */
export const CONDITIONAL: string = \`${conditional.join("\n")}\`;
`,
);
