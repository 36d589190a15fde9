// How long an analysis takes with an empty cache, against `objdump -d` of the same files, one after the other, several
// times: `node bench/static-speed.js [--runs N] [PROGRAM…]`. Seconds of the clock and, behind them, of the processor; the
// least of the runs counts. "Needs" are the program and the libraries that its headers name, "all" what it may load as well:
// plug-ins, name services, converters, which is what the analysis reads. "Known libraries" is an analysis with what one of
// another program (git) left in the cache, "again" a second one of the same program.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ratio, times } from "./part.js";
import { ModuleStore } from "../dist/static/load/modules.js";
import { TargetRoot } from "../dist/static/load/root.js";
import { ProgramAnalysis } from "../dist/static/program.js";

const PROGRAMS = [
  "/usr/bin/true",
  "/usr/bin/ping",
  "/usr/bin/sqlite3",
  "/usr/sbin/lighttpd",
  "/usr/bin/memcached",
  "/usr/sbin/nginx",
  "/usr/bin/redis-server",
  "/usr/bin/curl",
  "/usr/bin/python3.11",
  "/usr/sbin/dockerd",
  path.resolve(import.meta.dirname, "../node_modules/@biomejs/cli-linux-x64/biome"),
];
const OTHER = "/usr/bin/git";
const cli = path.resolve(import.meta.dirname, "../bin/seccraft.js");
const folder = mkdtempSync(path.join(tmpdir(), "static-speed-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));

const { values, positionals } = parseArgs({
  options: { runs: { type: "string", default: "3" } },
  allowPositionals: true,
});

/** Seconds of the clock and of the processor. */
function time(command, args, cache) {
  const log = path.join(folder, "time");
  const { status } = spawnSync("/usr/bin/time", ["-f", "%e %U %S", "-o", log, command, ...args], {
    stdio: "ignore",
    env: { ...process.env, XDG_CACHE_HOME: cache },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: exit code ${status}`);
  const [clock, user, system] = readFileSync(log, "utf8").trim().split(" ").map(Number);
  return { clock, processor: user + system };
}

function analyze(program, cache) {
  return time(process.execPath, [cli, "analyze", "--format", "names", program], cache);
}

const least = (runs, what) => Math.min(...runs.map(t => t[what]));
const cell = runs => `${least(runs, "clock").toFixed(2)} (${least(runs, "processor").toFixed(2)})`;
const faster = (runs, than) => times(least(than, "clock"), least(runs, "clock"));

const others = path.join(folder, "others");
if (existsSync(OTHER)) analyze(OTHER, others);

console.log(
  "| program | MB | analysis | `objdump -d`, needs | faster than that | all | faster than that | known libraries | again |",
);
console.log("|---|---|---|---|---|---|---|---|---|");
const ratios = [];
for (const program of positionals.length > 0 ? positionals : PROGRAMS) {
  if (!existsSync(program)) {
    console.log(`| ${path.basename(program)} | not installed |`);
    continue;
  }
  const hints = { dlopen: [], resolve: new Map() };
  const analysis = new ProgramAnalysis(new TargetRoot("/"), realpathSync(program), hints, new ModuleStore());
  const { image, plugins } = analysis;
  const needed = image.modules.filter(m => image.isNeeded(m));
  const all = [...image.modules, ...plugins.converters];
  const megabytes = all.reduce((sum, m) => sum + m.elf.bytes.length, 0) / 1e6;
  const [cold, objdumpNeeded, objdumpAll, known, again] = [[], [], [], [], []];
  for (let run = 0; run < Number(values.runs); run++) {
    const cache = mkdtempSync(path.join(folder, "cache-"));
    cold.push(analyze(program, cache));
    objdumpNeeded.push(time("objdump", ["-d", ...needed.map(m => m.path)], cache));
    objdumpAll.push(time("objdump", ["-d", ...all.map(m => m.path)], cache));
    again.push(analyze(program, cache));
    const warm = mkdtempSync(path.join(folder, "cache-"));
    cpSync(others, warm, { recursive: true });
    known.push(analyze(program, warm));
  }
  console.log(
    `| ${path.basename(program)} | ${megabytes.toFixed(1)} | ${cell(cold)} | ${cell(objdumpNeeded)} | ${faster(cold, objdumpNeeded)} | ${cell(objdumpAll)} | ${faster(cold, objdumpAll)} | ${cell(known)} | ${cell(again)} |`,
  );
  ratios.push([
    `reading ${program}`,
    `${faster(cold, objdumpAll)} the speed of objdump -d on the same files, ${faster(again, objdumpAll)} the second time`,
  ]);
}
for (const [what, text] of ratios) ratio(what, text);
console.log(`\nload at the end ${loadavg()[0]?.toFixed(1)}`);
