/**
 * node .build/bench/minimize/compare.js [--all] [NAME…]: each target minimised, one by one for comparison, and 20 runs
 * of the result under enforcement. --all denies what was never seen one by one too.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { filtersOf } from "../../src/craft/filters.ts";
import { runSession } from "../../src/craft/session.ts";
import { nativeEngine } from "../../src/engine/native/native.ts";
import { freePort } from "../../test/support/cli.ts";
import { ROOT } from "../../test/support/programs.ts";
import { oneByOne, requestFor, search } from "./reference.ts";
import { echo, goWeb, ping, python, redis, sqlite, type Target } from "./targets.ts";

const ENFORCED = 20;

function seconds(from: number, to: number): string {
  return ((to - from) / 1000).toFixed(1);
}

const all = process.argv.includes("--all");
const wanted = process.argv.slice(2).filter(argument => !argument.startsWith("--"));
const folder = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
try {
  const makers: (() => Promise<Target>)[] = [
    async () => echo(),
    async () => ping(),
    async () => sqlite(path.join(folder, "sqlite")),
    async () => python(),
    async () => redis(path.join(folder, "redis"), await freePort()),
    async () => goWeb(ROOT, path.join(folder, "go"), await freePort()),
  ];
  console.log(
    "| target | candidates | required | runs | of them search | seconds | one by one: runs | seconds | same result | enforced |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|---|");
  for (const make of makers) {
    const target = await make();
    if (wanted.length > 0 && !wanted.some(name => target.name.includes(name))) continue;
    const request = requestFor(target, path.join(folder, `journal ${target.name}`));
    const started = performance.now();
    const result = await search(request);
    const middle = performance.now();
    const reference = await oneByOne(request, result, all);
    const ended = performance.now();
    const mine = [...result.report.units].sort();
    const same = JSON.stringify(mine) === JSON.stringify(reference.units);
    let passed = 0;
    const { enforced } = filtersOf(result.document);
    for (let i = 0; i < ENFORCED; i++) {
      try {
        await runSession(nativeEngine(), target.workload, { filter: enforced, noNewPrivileges: false }, {});
        passed++;
      } catch (error) {
        console.error(`${target.name}: ${(error as Error).message}`);
      }
    }
    const { findings, runs, searchRuns } = result.report;
    const required = findings.filter(finding => finding.class === "required").length;
    console.log(
      `| ${target.name} | ${findings.length} | ${required} | ${runs} | ${searchRuns} | ${seconds(started, middle)} | ${reference.runs} | ${seconds(middle, ended)} | ${same ? "yes" : "no"} | ${passed} of ${ENFORCED} |`,
    );
    if (!same) {
      console.error(`  only by groups: ${mine.filter(name => !reference.units.includes(name)).join(" ")}`);
      console.error(`  only one by one: ${reference.units.filter(name => !mine.includes(name)).join(" ")}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
