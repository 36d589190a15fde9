// Writes src/profile/co-use.gen.ts from tools/data/co-use.tsv; with --check only compares. Given folders that
// `bench/held-out/run.js --save FOLDER` filled, and `--templates` for what tools/measure-templates.js measured, it takes
// their calls into the table first.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { readTable, writeGenerated } from "./generated.js";

const data = path.resolve(import.meta.dirname, "data/co-use.tsv");
const HEAD = `# What programs called in a broad workload on x86_64, Linux 6.18, Debian 12, recorded by eBPF.
# workload: held-out, unseen or fresh, the large workloads of bench/held-out; template, those of test/template/workloads.ts.
# idle: what the program's own code calls through at most two library functions (src/static/distance.ts) and that
# workload did not use; empty where nobody looked.
program\tworkload\tcalls\tidle
`;
/** Programs that both kinds of workloads have, by the templates' name. */
const SAME = new Map([
  ["redis-server", "redis"],
  ["python3 http.server", "python http.server"],
  ["Go net server", "Go net/http"],
]);

const byText = (a, b) => (a < b ? -1 : 1);

/** What static analysis found near in what `bench/held-out/run.js --save` wrote and the large workload did not use. */
function idleOf({ evidence, used }) {
  const runs = new Set(evidence.runs.filter(run => run.source === "static").map(run => run.id));
  const near = evidence.observations.filter(({ run, distance = Infinity }) => runs.has(run) && distance <= 2);
  return [...new Set(near.map(({ syscall }) => syscall))].filter(call => !used.includes(call)).sort(byText);
}

async function taken(word) {
  if (word === "--templates") {
    const { MEASURED } = await import("../dist/template/measured.gen.js");
    return Object.entries(MEASURED).map(([name, calls]) => ({
      program: SAME.get(name) ?? name,
      workload: "template",
      calls,
      idle: "",
    }));
  }
  return readdirSync(word).map(file => {
    const saved = JSON.parse(readFileSync(path.join(word, file), "utf8"));
    const { name, used, set } = saved;
    return { program: name, workload: set, calls: used.join(" "), idle: idleOf(saved).join(" ") };
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
    rows.set(`${row.program}\t${row.workload}`, `${row.calls}\t${row.idle ?? ""}`);
  const lines = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, calls]) => `${key}\t${calls}\n`);
  writeFileSync(data, HEAD + lines.join(""));
}
const programs = new Map();
for (const { program, calls, idle } of readTable("co-use.tsv").rows) {
  const known = programs.get(program) ?? { calls: new Set(), idle: new Set() };
  for (const call of calls.split(" ")) known.calls.add(call);
  for (const call of idle.split(" ").filter(call => call !== "")) known.idle.add(call);
  programs.set(program, known);
}
const text = calls => JSON.stringify([...calls].sort(byText).join(" "));
const lines = [...programs]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([program, { calls, idle }]) => {
    const unused = [...idle].filter(call => !calls.has(call));
    return `  ${JSON.stringify(program)}: [\n    ${text(calls)},\n    ${text(unused)},\n  ],\n`;
  });
writeGenerated(
  "src/profile/co-use.gen.ts",
  "tools/generate-co-use.js",
  `/**
 * What programs called in broad workloads, on x86_64, by what the program is called, and what their own code calls
 * through at most two library functions besides, as far as somebody looked.
 */
export const MEASURED_PROGRAMS: Readonly<Record<string, readonly [calls: string, idle: string]>> = {
${lines.join("")}};
`,
);
