/** node .build/bench/minimize/flaky.js [SEARCHES]: a target that fails at random in 5 % of its runs, searched again and again. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { TargetError } from "../../src/errors.ts";
import { requestFor, search } from "./reference.ts";
import { echo, flaky } from "./targets.ts";

const searches = Number(process.argv[2] ?? 20);
const folder = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
const counts = { right: 0, wrong: 0, refused: 0 };
let runs = 0;
try {
  const steady = { ...flaky(0), success: echo().success };
  const truth = (await search(requestFor(steady, path.join(folder, "truth")))).report.units;
  for (let i = 0; i < searches; i++) {
    try {
      const { report } = await search(requestFor(flaky(5), path.join(folder, `journal${i}`)));
      runs += report.runs;
      const right = JSON.stringify([...report.units].sort()) === JSON.stringify([...truth].sort());
      counts[right ? "right" : "wrong"]++;
      if (!right) console.log(`wrong: ${report.units.filter(unit => !truth.includes(unit)).join(" ")}`);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      console.log(error.message);
      counts.refused++;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${JSON.stringify(counts)}, ${(runs / searches).toFixed(0)} runs a search`);
process.exit();
