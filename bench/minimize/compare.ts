/**
 * node .build/bench/minimize/compare.js [--runc] [--all] [NAME…]: each target minimised, one by one for comparison, and
 * 20 runs of the result under enforcement. --runc has each in a container. --all denies what was never seen one by one
 * too.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { freePort } from "../../test/support/cli.ts";
import { ROOT } from "../../test/support/programs.ts";
import {
  containedEcho,
  containedGoWeb,
  containedPing,
  containedPython,
  containedRedis,
  containedSqlite,
  openRunc,
  type Contained,
} from "./containers.ts";
import { enforced, oneByOne, requestFor, search } from "./reference.ts";
import type { SearchRequest } from "../../src/minimize/setup.ts";
import { echo, goWeb, ping, python, redis, sqlite, type Target } from "./targets.ts";

const ENFORCED = 20;

function seconds(from: number, to: number): string {
  return ((to - from) / 1000).toFixed(1);
}

/** The containers' roots, each made when its turn comes. */
const CONTAINED: readonly (readonly [string, (folder: string) => Contained])[] = [
  ["echo", containedEcho],
  ["ping", containedPing],
  ["sqlite3", containedSqlite],
  ["python3 -c", containedPython],
  ["redis", containedRedis],
  ["Go web server", folder => containedGoWeb(ROOT, folder)],
];

function native(folder: string): readonly (readonly [string, () => Promise<Target>])[] {
  return [
    ["echo", async () => echo()],
    ["ping", async () => ping()],
    ["sqlite3", async () => sqlite(path.join(folder, "sqlite"))],
    ["python3 -c", async () => python()],
    ["redis", async () => redis(path.join(folder, "redis"), await freePort())],
    ["Go web server", async () => goWeb(ROOT, path.join(folder, "go"), await freePort())],
  ];
}

async function compare(request: SearchRequest, name: string): Promise<void> {
  const started = performance.now();
  const result = await search(request);
  const middle = performance.now();
  const reference = await oneByOne(request, result, all);
  const ended = performance.now();
  const mine = [...result.report.units].sort();
  const same = JSON.stringify(mine) === JSON.stringify(reference.units);
  const failures = await enforced(request, result, ENFORCED);
  for (const failure of failures) console.error(`${name}: ${failure}`);
  const { findings, runs, searchRuns } = result.report;
  const required = findings.filter(finding => finding.class === "required").length;
  const kept = findings.filter(finding => finding.class === "kept").length;
  console.log(
    `| ${name} | ${findings.length - kept} | ${required} | ${runs} | ${searchRuns} | ${seconds(started, middle)} | ${reference.runs} | ${seconds(middle, ended)} | ${same ? "yes" : "no"} | ${ENFORCED - failures.length} of ${ENFORCED} |`,
  );
  if (same) return;
  console.error(`  only by groups: ${mine.filter(unit => !reference.units.includes(unit)).join(" ")}`);
  console.error(`  only one by one: ${reference.units.filter(unit => !mine.includes(unit)).join(" ")}`);
}

const all = process.argv.includes("--all");
const wanted = process.argv.slice(2).filter(argument => !argument.startsWith("--"));
const folder = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
try {
  console.log(
    "| target | candidates | required | runs | of them search | seconds | one by one: runs | seconds | same result | enforced |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|---|");
  const chosen = (name: string): boolean => wanted.length === 0 || wanted.some(part => name.includes(part));
  if (process.argv.includes("--runc")) {
    for (const [name, make] of CONTAINED.filter(([name]) => chosen(name))) {
      const place = path.join(folder, name);
      const { target, options } = make(place);
      const { parts, close } = await openRunc(options);
      try {
        await compare(requestFor(target, path.join(place, "journal"), parts), name);
      } finally {
        await close();
      }
    }
  } else {
    for (const [name, make] of native(folder).filter(([name]) => chosen(name)))
      await compare(requestFor(await make(), path.join(folder, `journal ${name}`)), name);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
