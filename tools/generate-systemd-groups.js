// Makes src/abi/systemd-groups.gen.ts from tools/data/systemd-groups.tsv. `--check` only proves that it is the same.
import { readTable, writeGenerated } from "./generated.js";

const lines = readTable("systemd-groups.tsv").rows.map(row => `  "${row.group}": "${row.members}",`);
writeGenerated(
  "src/abi/systemd-groups.gen.ts",
  "tools/generate-systemd-groups.js",
  `/** Members of each group, other groups among them. */
export const SYSTEMD_GROUPS: Readonly<Record<string, string>> = {
${lines.join("\n")}
};
`,
);
