// What the tools/generate-*.js share: reading tools/data/*.tsv, and writing or checking a .gen.ts.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

const root = path.resolve(import.meta.dirname, "..");

/** A file of tab-separated values: `#` lines are comments, the first other line names the columns. */
export function readTable(name) {
  const lines = readFileSync(path.join(root, "tools/data", name), "utf8")
    .split("\n")
    .filter(line => line !== "" && !line.startsWith("#"));
  const columns = (lines.shift() ?? "").split("\t");
  const rows = lines.map(line => {
    const cells = line.split("\t");
    if (cells.length !== columns.length) throw new Error(`${name}: ${cells.length} cells in: ${line}`);
    return Object.fromEntries(columns.map((column, index) => [column, cells[index]]));
  });
  return { columns, rows };
}

/** Writes the file, or with `--check` ends with status 1 when the file there is not the same. */
export function writeGenerated(file, tool, body) {
  const target = path.join(root, file);
  const text = `// Made by ${tool} from tools/data; do not edit.\n${body}`;
  if (!process.argv.includes("--check")) {
    writeFileSync(`${target}.new`, text);
    renameSync(`${target}.new`, target);
    return;
  }
  if (readFileSync(target, "utf8") === text) return;
  console.error(`${file} is not what ${tool} makes: run it`);
  process.exit(1);
}
