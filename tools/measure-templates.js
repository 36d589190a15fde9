// Records what the programs call that templates are proven with, and writes src/template/measured.gen.ts. As root,
// after `npm test` has compiled the tests; `tools/measure-templates.js NAME…` measures only some again.
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { measure } from "../.build/test/template/measure.js";
import { PROOFS } from "../.build/test/template/workloads.js";

const target = path.resolve(import.meta.dirname, "../src/template/measured.gen.ts");
const MADE = /^ {2}"?([^"\n]+?)"?: "(.*)",$/gm;
const known = new Map();
try {
  for (const [, name, calls] of readFileSync(target, "utf8").matchAll(MADE)) known.set(name, calls);
} catch (error) {
  if (error.code !== "ENOENT") throw error;
}
const wanted = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), "seccraft-measure-"));
// Servers that give up root must reach their files.
chmodSync(folder, 0o755);
try {
  for (const [index, proof] of PROOFS.entries()) {
    if (wanted.length > 0 && !wanted.includes(proof.program)) continue;
    try {
      const calls = await measure(proof, path.join(folder, String(index)));
      known.set(proof.program, calls.join(" "));
      console.error(`${proof.program}: ${calls.length}`);
    } catch (error) {
      console.error(`${proof.program}: ${error.message}\n${error.output ?? ""}`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
const lines = [...known]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, calls]) => `  ${JSON.stringify(name)}: ${JSON.stringify(calls)},\n`);
const text = `// Made by tools/measure-templates.js; do not edit.
/** The calls that programs made in one run of their workload, on x86_64, by what the program is called. */
export const MEASURED: Readonly<Record<string, string>> = {
${lines.join("")}};
`;
writeFileSync(`${target}.new`, text);
renameSync(`${target}.new`, target);
