// Syscalls found, gaps, time and memory for known programs, and the time of `objdump -d` for the same files, in one run:
// `node bench/static-precision.js [PROGRAM…]`. Programs that are not installed are left out. As root, the programs are
// also analysed in a copy of the file system with Debian's stock nsswitch.conf, as an image has it ("stock");
// restart_syscall, which no program makes by itself, is in all figures.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { ratio, times } from "./part.js";
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
  [path.resolve(import.meta.dirname, "../node_modules/@biomejs/cli-linux-x64/biome"), undefined],
];
const cli = path.resolve(import.meta.dirname, "../bin/seccraft.js");
const folder = mkdtempSync(path.join(tmpdir(), "static-precision-"));
const mounts = [];
process.on("exit", () => {
  for (const mount of mounts.reverse()) spawnSync("umount", [mount]);
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));

/** The file system of this machine with Debian's own nsswitch.conf; undefined where it cannot be mounted. */
function stockRoot() {
  const changes = path.join(folder, "changes");
  const root = path.join(folder, "root");
  for (const name of [changes, root]) mkdirSync(name);
  if (spawnSync("mount", ["-t", "tmpfs", "static-precision", changes]).status !== 0) return undefined;
  mounts.push(changes);
  for (const name of ["upper", "work"]) mkdirSync(path.join(changes, name));
  const options = `lowerdir=/,upperdir=${changes}/upper,workdir=${changes}/work`;
  if (spawnSync("mount", ["-t", "overlay", "static-precision", "-o", options, root]).status !== 0)
    return undefined;
  mounts.push(root);
  const names = ["passwd", "group", "shadow", "gshadow"].map(name => `${name}: files`);
  writeFileSync(
    path.join(root, "etc/nsswitch.conf"),
    [...names, "hosts: files dns", "networks: files", "services: db files", "netgroup: nis", ""].join("\n"),
  );
  return root;
}
const stock = stockRoot();

function timed(command, args, env = {}) {
  const log = path.join(folder, "time");
  const result = spawnSync("/usr/bin/time", ["-f", "%U %S %M", "-o", log, command, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", command === "objdump" ? "ignore" : "pipe", "pipe"],
    env: { ...process.env, XDG_CACHE_HOME: folder, ...env },
  });
  const [user, system, kilobytes] = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .at(-1)
    .split(" ")
    .map(Number);
  return { ...result, seconds: (user + system).toFixed(2), megabytes: kilobytes / 1024 };
}

const given = process.argv.slice(2).filter(word => word !== "small");
const chosen =
  given.length > 0 ? given.map(name => PROGRAMS.find(([known]) => known === name) ?? [name]) : PROGRAMS;
const ratios = [];
console.log(
  "| program | found | stock | aim | gaps | cold | again | MB | objdump: what it needs | objdump: all it may load |",
);
console.log("|---|---|---|---|---|---|---|---|---|---|");
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
  const { image } = analysis;
  const needed = timed("objdump", ["-d", ...image.modules.filter(m => image.isNeeded(m)).map(m => m.path)]);
  const all = timed("objdump", ["-d", ...image.modules.map(m => m.path)]);
  const inStock =
    stock === undefined
      ? ""
      : timed(process.execPath, [cli, "analyze", "--root", stock, "--format", "names", program])
          .stdout.trim()
          .split("\n").length;
  const found = cold.stdout.trim().split("\n").length;
  const gaps = cold.stderr.split("\n").filter(l => l.startsWith("gap:")).length;
  console.log(
    `| ${program} | ${found} | ${inStock} | ${aim === undefined ? "" : `≤ ${aim}`} | ${gaps} | ${cold.seconds} | ${again.seconds} | ${cold.megabytes.toFixed(0)} | ${needed.seconds} | ${all.seconds} |`,
  );
  ratios.push([
    `reading ${program}`,
    `${times(Number(all.seconds), Number(cold.seconds))} the speed of objdump -d on all that it may load, ${times(Number(all.seconds), Number(again.seconds))} the second time`,
  ]);
}
console.log("");
for (const [what, text] of ratios) ratio(what, text);
