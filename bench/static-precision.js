// Syscalls found, gaps, time and memory for known programs, and the time of `objdump -d` for the same files, in one run:
// `node bench/static-precision.js [PROGRAM…]`. Programs that are not installed are left out.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { ProgramAnalysis } from "../dist/static/program.js";
import { ModuleStore } from "../dist/static/load/modules.js";
import { TargetRoot } from "../dist/static/load/root.js";

const PROGRAMS = [
  ["/usr/bin/true", 60],
  ["/usr/bin/ping", 75],
  ["/usr/bin/memcached", 109],
  ["/usr/sbin/nginx", 126],
  ["/usr/bin/redis-server", 130],
  ["/usr/sbin/lighttpd", 112],
  ["/usr/bin/sqlite3", 101],
  ["/usr/bin/curl", 118],
  ["/usr/bin/python3.11", 193],
  ["/usr/sbin/dockerd", undefined],
];
const cli = path.resolve(import.meta.dirname, "../bin/seccraft.js");
const folder = mkdtempSync(path.join(tmpdir(), "seccraft-precision-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

function timed(command, args, env = {}) {
  const log = path.join(folder, "time");
  const result = spawnSync("/usr/bin/time", ["-f", "%e %U %M", "-o", log, command, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", command === "objdump" ? "ignore" : "pipe", "pipe"],
    env: { ...process.env, XDG_CACHE_HOME: folder, ...env },
  });
  const [seconds, user, kilobytes] = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .at(-1)
    .split(" ")
    .map(Number);
  return { ...result, seconds, user, megabytes: kilobytes / 1024 };
}

const chosen = process.argv.length > 2 ? process.argv.slice(2).map(p => [p, undefined]) : PROGRAMS;
console.log(
  "| program | found | aim | gaps | cold s | cpu s | again s | MB | objdump s (program and needed libraries) |",
);
console.log("|---|---|---|---|---|---|---|---|---|");
for (const [program, aim] of chosen) {
  if (!existsSync(program)) continue;
  const args = [cli, "analyze", "--format", "names", program];
  const cold = timed(process.execPath, args);
  const again = timed(process.execPath, args);
  const analysis = new ProgramAnalysis(
    new TargetRoot("/"),
    realpathSync(program),
    { dlopen: [], resolve: new Map() },
    new ModuleStore(),
  );
  const files = analysis.image.modules.map(m => m.path).filter(p => !p.includes("/gconv/"));
  const objdump = timed("objdump", ["-d", ...files]);
  const found = cold.stdout.trim().split("\n").length;
  const gaps = cold.stderr.split("\n").filter(l => l.startsWith("gap:")).length;
  console.log(
    `| ${program} | ${found} | ${aim === undefined ? "" : `≤ ${aim}`} | ${gaps} | ${cold.seconds} | ${cold.user} | ${again.seconds} | ${cold.megabytes.toFixed(0)} | ${objdump.seconds} |`,
  );
}
