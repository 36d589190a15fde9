// Writes src/profile/co-use.gen.ts from tools/data/co-use.tsv; with --check only compares. Given folders that
// `bench/held-out/run.js --save FOLDER` filled, and `--templates` for what tools/measure-templates.js measured, it takes
// their calls into the table first.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { readTable, writeGenerated } from "./generated.js";

const data = path.resolve(import.meta.dirname, "data/co-use.tsv");
const HEAD = `# What programs called in a broad workload on x86_64, Linux 6.18, Debian 12, recorded by eBPF.
# workload: held-out or unseen, the large workloads of bench/held-out; template, those of test/template/workloads.ts.
program\tworkload\tcalls
`;
/** Programs that both kinds of workloads have, by the templates' name. */
const SAME = new Map([
  ["redis-server", "redis"],
  ["python3 http.server", "python http.server"],
  ["Go net server", "Go net/http"],
]);

async function taken(word) {
  if (word === "--templates") {
    const { MEASURED } = await import("../dist/template/measured.gen.js");
    return Object.entries(MEASURED).map(([name, calls]) => ({
      program: SAME.get(name) ?? name,
      workload: "template",
      calls,
    }));
  }
  return readdirSync(word).map(file => {
    const { name, used, workload } = JSON.parse(readFileSync(path.join(word, file), "utf8"));
    return { program: name, workload, calls: used.join(" ") };
  });
}

const more = (
  await Promise.all(
    process.argv
      .slice(2)
      .filter(word => word !== "--check")
      .map(taken),
  )
).flat();
if (more.length > 0) {
  const rows = new Map();
  for (const row of [...readTable("co-use.tsv").rows, ...more])
    rows.set(`${row.program}\t${row.workload}`, row.calls);
  const lines = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, calls]) => `${key}\t${calls}\n`);
  writeFileSync(data, HEAD + lines.join(""));
}
const programs = new Map();
for (const { program, calls } of readTable("co-use.tsv").rows)
  programs.set(
    program,
    [...new Set([...(programs.get(program) ?? []), ...calls.split(" ")])].sort((a, b) => (a < b ? -1 : 1)),
  );
const lines = [...programs]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([program, calls]) => `  ${JSON.stringify(program)}: ${JSON.stringify(calls.join(" "))},\n`);
writeGenerated(
  "src/profile/co-use.gen.ts",
  "tools/generate-co-use.js",
  `/** What programs called in broad workloads, on x86_64, by what the program is called. */
export const MEASURED_PROGRAMS: Readonly<Record<string, string>> = {
${lines.join("")}};
`,
);
