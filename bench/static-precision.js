// Syscalls found, gaps and memory for known programs: `node bench/static-precision.js [PROGRAM…]`. Programs that are not
// installed are left out. As root, the programs are also analysed in a copy of the file system with Debian's stock
// nsswitch.conf, as an image has it ("stock"); restart_syscall, which no program makes by itself, and the execve that
// starts it are in all figures.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";

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

/** One analysis, with no cache: what it printed, seconds of the processor, memory. */
function analyze(...args) {
  const log = path.join(folder, "time");
  const command = [process.execPath, cli, "analyze", "--no-cache", "--format", "names", ...args];
  const { stdout, stderr } = spawnSync("/usr/bin/time", ["-f", "%U %S %M", "-o", log, ...command], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const last = readFileSync(log, "utf8").trim().split("\n").at(-1) ?? "";
  const [user, system, kilobytes] = last.split(" ").map(Number);
  return {
    found: stdout.trim().split("\n").length,
    gaps: stderr.split("\n").filter(l => l.startsWith("gap:")).length,
    seconds: (user + system).toFixed(2),
    megabytes: (kilobytes / 1024).toFixed(0),
  };
}

const chosen = process.argv.length > 2 ? process.argv.slice(2).map(p => [p, undefined]) : PROGRAMS;
console.log("| program | found | stock | aim | gaps | seconds | MB |");
console.log("|---|---|---|---|---|---|---|");
for (const [program, aim] of chosen) {
  if (!existsSync(program)) continue;
  const { found, gaps, seconds, megabytes } = analyze(program);
  const inStock = stock === undefined ? "" : analyze("--root", stock, program).found;
  const wanted = aim === undefined ? "" : `≤ ${aim}`;
  console.log(`| ${program} | ${found} | ${inStock} | ${wanted} | ${gaps} | ${seconds} | ${megabytes} |`);
}
